// What the search page says about a search: how it was understood, and what can be done where nothing was found.
import { element } from "./dom.js";
import { figure } from "./found.js";
import { asked, LONGEST } from "./search-run.js";
import { FIRST, isNarrowed, writeState } from "./search-state.js";
import { say, texts } from "./texts.js";

/** @typedef {import("./find.js").Found} Found */
/** @typedef {import("./search-run.js").Ask} Ask */
/** @typedef {import("./search-state.js").State} State */

/**
 * How a query was understood, where that is not as it was written.
 * @param {State} state
 * @param {Found} found
 */
export function notes(state, { total, unknown, understood: { corrected, synonyms, ignored, relaxed, message } }) {
  const said = unknown && total ? [element("p", {}, say("noNumber", { number: unknown.id }))] : [];
  if (corrected.length) {
    said.push(element("p", {}, ...corrected.map(([written, searched]) => `${say("corrected", { written, searched })} `),
      element("a", { href: writeState({ ...state, q: insisted(state.q, corrected.map(([written]) => written)), show: FIRST }) },
        say("insist", { written: corrected.map(([written]) => written).join(" ") }))));
  }
  if (message) said.push(element("p", {}, texts().message ?? ""));
  if (relaxed && total) said.push(element("p", {}, texts().some ?? ""));
  const others = [synonyms.map(([written, other]) => say("synonym", { written, other })).join(" "),
    ignored.length ? say("ignored", { words: ignored.join(", ") }) : "", asked(state.q).length >= LONGEST ? say("tooLong", { count: LONGEST }) : ""];
  for (const text of others) if (text) said.push(element("p", {}, text));
  return said;
}

/**
 * A query with words in quotation marks, which are searched as they are written.
 * @param {string} query
 * @param {string[]} words
 */
export function insisted(query, words) {
  const wanted = new Set(words.map((word) => word.toLowerCase()));
  const quoted = query.split(/("[^"]*"|\s+)/).map((part) => {
    const [, before, word, after] = part.match(/^([^\p{L}\p{N}]*)(.*[\p{L}\p{N}]|)([^\p{L}\p{N}]*)$/su);
    return wanted.has(word.toLowerCase()) && !part.includes('"') ? `${before}"${word}"${after}` : part;
  }).join("");
  return quoted === query ? `"${query.replaceAll('"', " ").trim()}"` : quoted;
}

/**
 * What a reader can do who found nothing; ways to other searches are offered where these find something.
 * @param {State} state
 * @param {Found} found
 * @param {Ask} ask
 */
export function steps(state, found, ask) {
  const template = document.querySelector("template[data-wp-steps]");
  const list = template?.content.cloneNode(true).querySelector("ul");
  if (!list) return [];
  const reports = list.querySelector("[data-wp-reports-step]");
  reports.href += `?${new URLSearchParams({ q: state.q })}`;
  reports.textContent = say("reportsStep", { query: state.q });
  const tried = [];
  if (isNarrowed(state)) tried.push([{ ...state, kind: [], product: "", release: "", show: FIRST }, texts().widen ?? ""]);
  if (state.q.includes('"')) tried.push([{ ...state, q: state.q.replaceAll('"', " ").trim(), show: FIRST }, texts().unquoted ?? ""]);
  for (const [other, title] of tried) offer(list, other, title, ask);
  return [element("p", {}, texts().steps ?? ""), list];
}

/** @param {HTMLUListElement} list @param {State} state @param {string} title @param {Ask} ask */
async function offer(list, state, title, ask) {
  const { kind, product, release } = state;
  const found = await ask(asked(state.q), { limit: 1, kinds: kind, product, release, signal: new AbortController().signal }).catch(() => null);
  if (found?.total) list.prepend(element("li", {}, element("a", { href: writeState(state) }, `${title} (${figure(found.total)})`)));
}
