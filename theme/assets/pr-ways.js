// What a search finds, and ways on from it: to the release that the query names, and from one that has found nothing or cannot be.
import { element, languageRoot } from "./dom.js";
import { entry } from "./pr-shown.js";
import { FIELDS, filtersOf, FIRST, GROUPS, onlyReports, writeState } from "./pr-state.js";
import { say, texts } from "./texts.js";

/** @typedef {import("./pr-state.js").State} State @typedef {import("./pr-panel.js").Panel} Panel @typedef {Awaited<ReturnType<typeof import("./pr-open.js").prIndex>>} PrIndex */
/** @typedef {{name: string, value: string, reason: string, guess: string}} Refused a filter that cannot be (QueryError) */

/** @param {number} count */
const local = (count) => count.toLocaleString(document.documentElement.lang);

/**
 * All that fits what is asked; for a number that no report has, `otherKinds` of records with it. `unknown` is a number that none has.
 * @param {PrIndex} index
 * @param {State} state
 */
export async function hitsOf(index, state) {
  const { q, sort } = state;
  const found = await index.search(q, filtersOf(state), { sort });
  const number = found.ordinals.length ? "" : numberIn(q);
  const elsewhere = number && onlyReports(state) ? await index.search(q, filtersOf(state, "kind"), { sort }) : found;
  const unknown = number && !(await index.search(q)).ordinals.length ? number : "";
  const otherKinds = Boolean(number && elsewhere.ordinals.length);
  return { found: otherKinds ? elsewhere : found, otherKinds, unknown };
}

/** The number that a query is, else an empty string. @param {string} text */
function numberIn(text) {
  return /^\s*(?:pr[-# ]?)?([a-z]*-?\d[\d-]{2,})\s*$/i.exec(text)?.[1] ?? "";
}

/**
 * Where the query is the name of a release: ways to the problems that it has and that it resolves.
 * @param {PrIndex} index
 * @param {State} state
 */
export async function releaseLinks(index, state) {
  const wanted = state.q.trim().toLowerCase();
  if (!/^\d\S*$/.test(wanted) || !wanted.includes(".")) return null;
  const { products } = await index.options();
  const release = products.flatMap((product) => product.releases).find((one) => one.id.toLowerCase() === wanted);
  if (!release) return null;
  const links = await Promise.all([["affects", "problemsOf"], ["fixed", "problemsFixed"]].map(async ([name, words]) => {
    const changed = { ...state, q: "", [name]: release.id, show: FIRST };
    const { ordinals } = await index.search("", filtersOf(changed));
    return element("a", { href: writeState(changed) }, `${say(words, { release: release.id })} (${local(ordinals.length)})`);
  }));
  return element("p", { class: "wp-hint", "data-wp-release": "" }, ...links.flatMap((link) => [link, " "]));
}

/**
 * What a reader can do who found nothing.
 * @param {PrIndex} index
 * @param {State} state
 * @param {string} number that no record has, if that is the question
 * @param {Panel} filters
 */
export async function waysFrom(index, state, number, filters) {
  const made = number ? await nearestTo(index, number, filters) : [];
  const ways = await withoutEach(index, state, filters);
  const words = state.q.trim();
  const steps = ways.map((way) => element("li", {}, way));
  if (words && !number) steps.push(element("li", {}, texts().spelling ?? ""));
  if (words) steps.push(element("li", {}, element("a", { href: `${languageRoot()}search/?q=${encodeURIComponent(words)}` }, say("whole", { query: words }))));
  if (steps.length) made.push(element("p", {}, texts().steps ?? ""), element("ul", { class: "wp-steps" }, ...steps));
  return made;
}

/** @param {PrIndex} index @param {string} number @param {Panel} filters */
async function nearestTo(index, number, filters) {
  const near = await index.nearest(number);
  if (!near.length) return [];
  const cards = await index.cards(near.map((one) => one.ordinal));
  return [element("p", {}, texts().nearest ?? ""), element("ul", { class: "wp-entries", "data-wp-nearest": "" },
    ...cards.map((card) => entry(card, { names: filters.productName })))];
}

/** Links that drop one filter, each where that finds something. @param {PrIndex} index @param {State} state @param {Panel} filters */
async function withoutEach(index, state, filters) {
  const ways = [];
  for (const name of [...GROUPS, ...FIELDS]) {
    const isText = typeof state[name] === "string";
    if (!(isText ? state[name] : state[name].length)) continue;
    const words = name === "kind" ? texts().everyKind ?? "" : say("without", { filter: filters.described(name, state) });
    const changed = { ...state, [name]: isText ? "" : [], show: FIRST };
    const hits = (await index.search(changed.q, filtersOf(changed))).ordinals.length;
    if (hits) ways.push(element("a", { href: writeState(changed) || location.pathname }, `${words} (${local(hits)})`));
  }
  return ways;
}

/** Says in the status why a filter cannot be. @param {HTMLElement} status @param {Refused} refused @param {Panel} filters */
export function sayRefused(status, { name, value, reason, guess }, filters) {
  status.textContent = say({ empty: "wrongEmpty", date: "wrongDay" }[reason] ?? "wrong", { name: filters.title(name), value });
  if (guess) status.append(" ", say("didYouMean", { guess }));
}

/** The state with the guess in the place of a value that cannot be. @param {State} state @param {Refused} refused */
export function replaced(state, { name, value, guess }) {
  const held = state[name];
  const put = (/** @type {string} */ text) => (text.trim() === value ? guess : text);
  if (Array.isArray(held) && held.includes(value)) return { ...state, [name]: held.map(put) };
  if (typeof held === "string" && held.split(",").some((text) => text.trim() === value)) return { ...state, [name]: held.split(",").map(put).join(",") };
  return { ...state, q: state.q.replace(new RegExp(`(${name}:\\S*?)${RegExp.escape?.(value) ?? value.replace(/[^\w\s]/g, "\\$&")}`, "i"), (_, before) => before + guess) };
}
