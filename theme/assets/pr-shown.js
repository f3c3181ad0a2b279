// How records of the PR index are shown: as entries of a list with the found words marked, and as rows of a table.
import { csv, download } from "./csv.js";
import { element, languageRoot } from "./dom.js";
import { texts } from "./texts.js";

/** @typedef {import("./pr-index.js").Card} Card */

export const SECTIONS = { article: "kb", report: "pr", advisory: "advisories", notice: "notices", bulletin: "bulletins" };
const MOST = 2000; // rows of a file
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const TOKEN = /[\p{L}\p{M}\p{N}]+(?:[-_./:+][\p{L}\p{M}\p{N}]+)*/gu;

/** What a value is called: `label("severity", "high")`. @param {string} facet @param {string} value */
export function label(facet, value) {
  const key = `${facet}${value[0]?.toUpperCase() ?? ""}${value.slice(1)}`;
  return texts()[facet === "kind" ? value : key] ?? value;
}

/** @param {Card} card */
export function addressOf(card) {
  return new URL(`${SECTIONS[card.kind]}/${encodeURIComponent(card.id)}/`, languageRoot()).href;
}

/** The texts of a card, in the language of the page or else the first that there is. @param {Card} card */
function textOf(card) {
  const wanted = document.documentElement.lang;
  const language = card.texts[wanted] ? wanted : Object.keys(card.texts)[0];
  const [title, excerpt] = card.texts[language];
  return { title, excerpt, attributes: language === wanted ? {} : { lang: language } };
}

/**
 * A text with the words marked that begin with a term, and the identifiers that hold one.
 * @param {string} text
 * @param {string[]} terms
 * @returns {(Node | string)[]}
 */
export function marked(text, terms) {
  const nodes = [];
  let done = 0; // what is before stands in nodes
  const mark = (/** @type {number} */ start, /** @type {number} */ end) => {
    nodes.push(text.slice(done, start), element("mark", {}, text.slice(start, end)));
    done = end;
  };
  const whole = terms.filter((term) => /[-_./:+]/.test(term));
  const begins = (/** @type {string} */ word) => terms.some((term) => (term.length < 3 ? word === term : word.startsWith(term)));
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const words = [...token.matchAll(WORD)];
    const hits = words.map((word) => begins(plain(word[0])));
    const held = words.length > 1 && whole.some((term) => plain(token).includes(term));
    if (held || hits.every(Boolean)) mark(index, index + token.length);
    else words.forEach((word, place) => { if (hits[place]) mark(index + word.index, index + word.index + word[0].length); });
  }
  nodes.push(text.slice(done));
  return nodes.filter((node) => node !== "");
}

/** As the index writes words. @param {string} word */
function plain(word) {
  return word.normalize("NFC").toLowerCase().replaceAll("ё", "е");
}

/** @param {string} facet @param {string} value */
function chip(facet, value) {
  return element("span", { class: `wp-chip wp-chip--${facet} wp-chip--${value}` }, label(facet, value));
}

/** @param {Card} card */
const severityOf = (card) => card.severity || "unrated";

/**
 * A record in a list, as theme/templates/_macros.html shows it.
 * @param {Card} card
 * @param {{terms?: string[], heading?: string, kind?: boolean, short?: boolean, names?: (product: string) => string}} options
 */
export function entry(card, { terms = [], heading = "h2", kind = true, short = false, names = (id) => id } = {}) {
  const { title, excerpt, attributes } = textOf(card);
  const head = element("div", { class: "wp-entry__head" }, element("span", { class: "wp-id" }, ...marked(card.id, terms)));
  if (card.severity && card.severity !== "unrated" || card.kind === "report") head.append(" ", chip("severity", severityOf(card)));
  if (!["published", "final"].includes(card.status)) head.append(" ", chip("status", card.status));
  if (kind) head.append(" ", element("span", { class: "wp-kind" }, label("kind", card.kind)));
  const day = card.updated.slice(0, 10);
  if (!short) head.append(element("time", { class: "wp-entry__date", datetime: day }, day));
  const made = element("li", { class: "wp-entry" }, head, element(heading, { class: "wp-entry__title" },
    element("a", { href: addressOf(card), ...attributes, ...(attributes.lang ? { hreflang: attributes.lang } : {}) }, ...marked(title, terms))));
  if (short) return made;
  if (excerpt && excerpt !== title) made.append(element("p", { class: "wp-entry__summary", ...attributes }, ...marked(excerpt, terms)));
  const more = element("p", { class: "wp-entry__more" }, card.products.map(names).join(", "));
  if (card.fixed.length) {
    const releases = card.fixed.map((fix) => element("span", { class: "wp-release" }, ...marked(releaseOf(fix), terms)));
    more.append(card.products.length ? " · " : "", texts().fixedIn ?? "", " ", element("span", { class: "wp-releases" }, ...releases));
  }
  if (more.textContent) made.append(more);
  return made;
}

/** The release of a fix as cards name it. @param {string} fix */
function releaseOf(fix) {
  return fix.slice(fix.indexOf("/") + 1);
}

/**
 * Hands records to the reader as a file; gives the number of them that it holds.
 * @param {string} name
 * @param {ArrayLike<number>} ordinals
 * @param {(ordinals: number[]) => Promise<Card[]>} cards
 * @param {(product: string) => string} names
 */
export async function saveCsv(name, ordinals, cards, names) {
  const chosen = Array.from({ length: Math.min(ordinals.length, MOST) }, (_, place) => ordinals[place]);
  const rows = (await cards(chosen)).map((card) => [
    card.id, label("kind", card.kind), textOf(card).title, label("severity", severityOf(card)), label("status", card.status),
    card.products.map(names).join(", "), card.fixed.map(releaseOf).join(", "), card.updated.slice(0, 10), addressOf(card)]);
  download(name, csv([(texts().columns ?? "").split("|"), ...rows]));
  return chosen.length;
}
