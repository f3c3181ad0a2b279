import { element } from "./dom.js";
import { byName } from "./names.js";
import { searchProse } from "./prose.js";
import { resultCount, texts } from "./texts.js";

/** @typedef {import("./names.js").Result} Result */
/** @typedef {{total: number, results: Result[], away?: boolean}} Found `away` where a search engine should have answered */

const SLOW = 200; // ms after which a search says that it is running

/** Loads the index before it is needed. */
export function warmUp() {
  searchProse("").catch(() => {});
}

/**
 * Finds records by name and pages by words, those named first. Pagefind takes a number that it does not know for the beginning of
 * others; a page that lacks it is no answer.
 * @param {string} query
 * @param {number} limit
 * @returns {Promise<Found>}
 */
export async function find(query, limit) {
  const [named, found] = await Promise.all([byName(query), searchProse(query)]);
  const pages = await Promise.all(found.slice(0, limit).map((result) => result.data()));
  const number = /^\S*\d\S*$/.test(query) ? query.toLowerCase() : "";
  const fitting = pages.filter((page) => page.content.toLowerCase().includes(number));
  const unseen = fitting.length < pages.length ? 0 : found.length - pages.length;
  const taken = new Set(named.map((result) => new URL(result.href).pathname));
  const others = fitting.map((page) => ({
    href: new URL(page.url, location.href).href, title: page.meta.title ?? page.url, kind: page.meta.kind ?? "",
    id: page.meta.id ?? "", excerpt: page.excerpt,
  })).filter((result) => !taken.has(new URL(result.href).pathname));
  return { total: named.length + others.length + unseen, results: [...named, ...others].slice(0, limit) };
}

/**
 * A function that searches; of several searches under way only the latest is shown, the others are told to stop.
 * @param {number} limit
 * @param {() => void} wait called where a search takes long
 * @param {(query: string, found: Found | null) => void} show called with the outcome, null where the index could not be loaded
 * @param {(query: string, limit: number, signal: AbortSignal) => Promise<Found>} ask finds
 * @returns {(query: string) => Promise<void>}
 */
export function searcher(limit, wait, show, ask = find) {
  let latest = new AbortController();
  return async (query) => {
    latest.abort();
    const { signal } = latest = new AbortController();
    const slow = setTimeout(() => { if (!signal.aborted) wait(); }, SLOW);
    const found = query ? await ask(query, limit, signal).catch(() => null) : { total: 0, results: [] };
    clearTimeout(slow);
    if (!signal.aborted) show(query, found);
  };
}

/**
 * What a search came to, in words.
 * @param {string} query
 * @param {Found | null} found
 */
export function outcome(query, found) {
  if (!found) return texts().failed ?? "";
  const away = found.away ? texts().away : "";
  if (found.results.length) return [resultCount(found.total), away].filter(Boolean).join(". ");
  return [(texts().none ?? "").replace("{query}", query), texts().hint, away].filter(Boolean).join(" ");
}

/** The kind of a result in the page's language, with its id. @param {Result} result */
export function kindOf(result) {
  return [result.id, texts()[result.kind]].filter(Boolean).join(" · ");
}

/**
 * An excerpt's text with its marks; nothing else of its HTML is taken over.
 * @param {string} html
 */
export function excerptOf(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return [...parsed.body.childNodes].map((node) => {
    const text = node.textContent ?? "";
    return node.nodeName === "MARK" ? element("mark", {}, text) : text;
  });
}
