import { coverage } from "./coverage.js";
import { element } from "./dom.js";
import { say } from "./texts.js";

/**
 * What generator/pages/entitlement.py writes into the page.
 * @typedef {{table: string, fields: string[], zone: string, terms: import("./coverage.js").Terms,
 *   warranty: {includes: string[], excludes: string[], note: string} | null,
 *   products: Record<string, [string, string]>, platforms: Record<string, [string, string]>, ends: Record<string, [string, string][]>,
 *   plans: Record<string, {name: string, included: string[], extra: string[]}>, replacements: Record<string, {name: string, services: string[]}>,
 *   steps: Record<string, [string, string][]>, forms: import("./numbers.js").Form[][], headings: string[]}} Facts
 * @typedef {import("./coverage.js").Row} Row
 * @typedef {{serial: string, row: Row | null, held: import("./coverage.js").Coverage | null, state: string}} Answer
 */

/** Columns of the table of results; the first ones are shown unless the reader says otherwise. */
export const COLUMNS = ["serial", "product", "state", "until", "plan", "replacement", "next", "contract", "support_start", "support_end",
  "warranty_start", "warranty_end", "registration", "end_of_support"];
export const SHOWN_AT_FIRST = 7;
const STATES = ["active", "expired", "none", "unknown"];

/** @param {string} serial @param {Row | null} row @param {Facts} facts @param {string} today @returns {Answer} */
export function answer(serial, row, facts, today) {
  const held = row && coverage(row, facts.terms, today);
  return { serial, row, held, state: held?.state ?? "unknown" };
}

/** A day in words. @param {string} day */
export function inWords(day) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  return format.format(new Date(`${day}T00:00:00Z`));
}

/** The state as a chip. @param {string} state */
export function chip(state) {
  return element("span", { class: `wp-chip wp-chip--coverage wp-chip--${state}` }, say(word("state", state)));
}

/** A cell of the table in words. @param {Answer} answer @param {string} column @param {Facts} facts @param {string} today */
export function cell({ serial, row, held, state }, column, facts, today) {
  if (column === "serial") return serial;
  if (column === "state") return say(word("state", state));
  if (column === "next") return stepsOf({ held, state }, facts).map(([text]) => text).join("; ");
  if (!row) return "";
  if (column === "product") return productName(row, facts);
  if (column === "until") return (held.reason === "contract" ? row.support_end : held.reason === "warranty" ? held.warranty_end : "") ?? "";
  if (column === "plan") return facts.plans[row.plan]?.name ?? row.plan ?? "";
  if (column === "replacement") return facts.replacements[row.replacement]?.name ?? row.replacement ?? "";
  if (column === "registration") return held.must_register ? say("registerNeeded") : row.registered === undefined ? "" : say(row.registered ? "registered" : "notRegistered");
  if (column === "end_of_support") return lastEnd(row, facts, today);
  return (column.startsWith("warranty") ? held[column] : row[column]) ?? "";
}

/** By what answers are put in order: states by their order, all else as words. @param {Answer} answer @param {string} column @param {Facts} facts @param {string} today */
export function sortKey(answer, column, facts, today) {
  return column === "state" ? String(STATES.indexOf(answer.state)) : cell(answer, column, facts, today);
}

/** All that is known of one number. @param {Answer} answer @param {Facts} facts @param {string} today */
export function card({ serial, row, held, state }, facts, today) {
  const holder = element("div", { class: "wp-covered" });
  const steps = element("ul", { class: "wp-steps" }, ...stepsOf({ held, state }, facts).map(([text, href]) =>
    element("li", {}, href ? element("a", { href }, text) : text)));
  holder.append(element("p", { class: "wp-covered__answer" }, chip(state), " ", element("span", {}, sentence(serial, row, held))));
  if (row) holder.append(factList(row, held, facts, today));
  holder.append(element("h3", {}, say("next")), steps);
  if (row && held) holder.append(...included(row, held, facts));
  return holder;
}

/** @param {string} serial @param {Row | null} row @param {Answer["held"]} held */
function sentence(serial, row, held) {
  if (!row || !held) return say("whyUnknown", { serial });
  const later = [held.support === "later" && row.support_start, held.warranty === "later" && held.warranty_start].filter(Boolean).sort()[0];
  const day = { contract: row.support_end, warranty: held.warranty_end, register: held.warranty_end, later, "contract-ended": row.support_end, "warranty-ended": held.warranty_end }[held.reason];
  return say(word("why", held.reason === "contract" && !day ? "contract-open" : held.reason), { day: day ? inWords(day) : "" });
}

/** The facts as a list of terms. @param {Row} row @param {import("./coverage.js").Coverage} held @param {Facts} facts @param {string} today */
function factList(row, held, facts, today) {
  const list = element("dl", { class: "wp-facts" });
  const add = (/** @type {string} */ name, /** @type {(Node | string)[]} */ ...content) => {
    if (content.some(Boolean)) list.append(element("div", {}, element("dt", {}, say(name)), element("dd", {}, ...content)));
  };
  const links = [facts.products[row.product], facts.platforms[row.platform]].filter(Boolean).flatMap(([name, href], at) =>
    [at ? ", " : "", element("a", { href }, name)]);
  add("product", ...(links.length ? links : [row.product ?? ""]));
  add("contract", row.contract ?? "");
  add("support", spanInWords(row.support_start, row.support_end));
  add("plan", facts.plans[row.plan]?.name ?? row.plan ?? "");
  add("replacement", promise(row, facts));
  add("warranty", spanInWords(held.warranty_start, held.warranty_end), " ", held.warranty_end ? element("small", {}, say(word("start", held.start), {
    shipped: row.shipped ? inWords(row.shipped) : "", resold: row.resold ? inWords(row.resold) : "" })) : "");
  add("registration", cell({ serial: "", row, held, state: "" }, "registration", facts, today));
  const ends = (facts.ends[row.product] ?? []).filter(([, end]) => end >= today);
  add("endOfSupport", ends.length ? element("ul", { class: "wp-plain" }, ...ends.map(([train, end]) => element("li", {}, `${train}: `,
    element("time", { datetime: end }, end)))) : lastEnd(row, facts, today));
  return list;
}

/** @param {Row} row @param {Facts} facts */
function promise(row, facts) {
  const known = facts.replacements[row.replacement];
  return known ? `${known.name}: ${known.services.join("; ")}` : row.replacement ?? "";
}

/** What the service level and the warranty include, as it stands beside the facts. @param {Row} row @param {import("./coverage.js").Coverage} held @param {Facts} facts @returns {Node[]} */
function included(row, held, facts) {
  const list = (/** @type {string} */ title, /** @type {string[]} */ names) => (names.length ? [element("h3", {}, title),
    element("ul", { class: "wp-covered__list" }, ...names.map((name) => element("li", {}, name)))] : []);
  const plan = facts.plans[row.plan];
  const { includes = [], excludes = [] } = (["warranty", "register"].includes(held.reason) && facts.warranty) || {};
  const note = (held.warranty_end && facts.warranty?.note) || "";
  return [...(plan ? [...list(say("included", { plan: plan.name }), plan.included), ...list(say("extra"), plan.extra)] : []),
    ...list(say("warrantyIncludes"), includes), ...list(say("warrantyExcludes"), excludes), ...(note ? [element("p", { class: "wp-kind" }, note)] : [])];
}

/** What to do next, with links to pages that exist. @param {Pick<Answer, "held" | "state">} answer @param {Facts} facts @returns {[string, string][]} */
function stepsOf({ held }, facts) {
  return (held?.steps ?? ["check", "ask"]).flatMap((step) => facts.steps[step] ?? []);
}

/** @param {string | undefined} first @param {string | undefined} last */
function spanInWords(first, last) {
  if (first && last) return say("fromUntil", { first: inWords(first), last: inWords(last) });
  return first ? say("from", { first: inWords(first) }) : last ? say("until", { last: inWords(last) }) : "";
}

/** @param {Row} row @param {Facts} facts */
function productName(row, facts) {
  return facts.platforms[row.platform]?.[0] ?? facts.products[row.product]?.[0] ?? row.platform ?? row.product ?? "";
}

/** The last end of support of a product's releases. @param {Row} row @param {Facts} facts @param {string} today */
function lastEnd(row, facts, today) {
  const last = (facts.ends[row.product] ?? []).map(([, end]) => end).sort().at(-1) ?? "";
  return last && last < today ? say("supportEnded", { day: last }) : last;
}

/** Name of a text. @param {string} name @param {string} value */
export const word = (name, value) => `${name}-${value}`.replace(/[-_](\w)/g, (_, letter) => letter.toUpperCase());
