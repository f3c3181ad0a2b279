/** What is asked on the search page, as its address says it. @typedef {{q: string, kind: string[], product: string, release: string, show: number}} State */

export const FIRST = 20; // results of a kind shown at first
const MOST = 200;

/** @param {string} search the query part of an address @returns {State} */
export function readState(search) {
  const given = new URLSearchParams(search);
  const one = (name) => (given.get(name) ?? "").trim().slice(0, 100);
  const kind = [...new Set(given.getAll("kind").flatMap((text) => text.split(",")).filter((text) => /^[a-z]{1,20}$/.test(text)))];
  const shown = Number.parseInt(one("show"), 10);
  return { q: given.get("q") ?? "", kind, product: one("product"), release: one("release"), show: shown > FIRST ? Math.min(shown, MOST) : FIRST };
}

/** The query part of an address, empty where nothing is asked. @param {State} state */
export function writeState({ q, kind, product, release, show }) {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries({ q, kind: kind.join(","), product, release })) if (value) said.set(name, value);
  if (show > FIRST) said.set("show", String(show));
  const text = said.toString().replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

/** Whether more than words is asked. @param {State} state */
export function isNarrowed({ kind, product, release }) {
  return Boolean(kind.length || product || release);
}
