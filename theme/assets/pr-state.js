/**
 * What is asked, as the address says it. Lists hold ids; `kinds` is empty for all kinds.
 * @typedef {{q: string, kind: string[], product: string[], platform: string[], component: string[], severity: string[], status: string[],
 *   has: string[], affects: string, fixed: string, since: string, sort: string, show: number}} State
 */

export const FIRST = 10; // results shown at first
export const GROUPS = ["severity", "status", "has", "kind", "product", "platform", "component"];
export const FIELDS = ["affects", "fixed", "since"];
const SORTS = ["relevance", "number", "severity", "updated"];

/** @param {string} search the query part of an address @returns {State} */
export function readState(search) {
  const given = new URLSearchParams(search);
  const one = (name) => (given.get(name) ?? "").trim();
  const list = (name) => [...new Set(given.getAll(name).flatMap((text) => (name === "component" ? [text] : text.split(",")))
    .map((text) => text.trim()).filter(Boolean))];
  const lists = Object.fromEntries(GROUPS.map((name) => [name, list(name)]));
  if (!lists.kind.length) lists.kind = ["report"];
  if (lists.kind.includes("all")) lists.kind = [];
  const shown = Number.parseInt(one("show"), 10);
  return {
    q: given.get("q") ?? "", ...lists, affects: one("affects"), fixed: one("fixed"), since: one("since"),
    sort: SORTS.includes(one("sort")) ? one("sort") : SORTS[0], show: shown > FIRST ? Math.min(shown, 1000) : FIRST,
  };
}

/** Whether only problem reports are wanted because nothing else was said. @param {State} state */
export function onlyReports({ kind }) {
  return kind.length === 1 && kind[0] === "report";
}

/** The query part of an address, empty where nothing is asked. @param {State} state */
export function writeState(state) {
  const said = new URLSearchParams();
  if (state.q.trim()) said.set("q", state.q);
  for (const name of GROUPS) {
    if (name === "kind" && onlyReports(state)) continue;
    if (name === "kind" && !state.kind.length) said.set("kind", "all");
    else if (name === "component") state.component.forEach((value) => said.append(name, value));
    else if (state[name].length) said.set(name, state[name].join(","));
  }
  for (const name of FIELDS) if (state[name]) said.set(name, state[name]);
  if (state.sort !== SORTS[0]) said.set("sort", state.sort);
  if (state.show > FIRST) said.set("show", String(state.show));
  const text = said.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
  return text ? `?${text}` : "";
}

/**
 * The filters of a state, without the one that is named.
 * @param {State} state
 * @param {string} without
 */
export function filtersOf(state, without = "") {
  const filters = [];
  for (const name of [...GROUPS, ...FIELDS]) {
    if (name === without || name === "kind" && /(^|\s)-?kind:/i.test(state.q) && onlyReports(state)) continue;
    const values = typeof state[name] === "string" ? state[name].split(",").map((text) => text.trim()).filter(Boolean) : state[name];
    if (values.length) filters.push({ name, values, excluded: false });
  }
  return filters;
}

/** Whether two states differ in words alone. @param {State} a @param {State} b */
export function sameButWords(a, b) {
  return writeState({ ...a, q: "", show: FIRST }) === writeState({ ...b, q: "", show: FIRST });
}
