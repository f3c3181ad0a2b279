import { byName } from "./names.js";
import { searchProse } from "./prose.js";

/**
 * A record, guide or release. `excerpt` is HTML with `<mark>` only, `products` are ids, `language` that of the title.
 * @typedef {{href: string, title: string, kind: string, id: string, language: string, excerpt: string, products: string[],
 *   releases: string[], why?: string}} Result
 */
/** @typedef {{kind: string, total: number, results: Result[]}} Group kinds: article report advisory notice bulletin guide release */
/**
 * What was found. `jump` is the one record that an identifier names, `unknown` an identifier that nobody has; `groups` stand best first.
 * @typedef {{jump: Result | null, unknown: {id: string, nearest: Result[]} | null, groups: Group[], total: number,
 *   facets: {kind: [string, number][], product: [string, string, number][], release: [string, number][]},
 *   understood: {corrected: [string, string][], synonyms: [string, string][], ignored: string[], relaxed: boolean, message: boolean},
 *   away?: boolean}} Found `away` where a search engine should have answered
 */
/**
 * `limit` of each group; without `facets` those of products and releases are not counted, which saves files.
 * @typedef {{limit?: number, kinds?: string[], product?: string, release?: string, facets?: boolean, signal?: AbortSignal}} Options
 */

const READ = 40; // pages of Pagefind's that are looked at

/** Loads the index before it is needed. */
export function warmUp() {
  searchProse("").catch(() => {});
}

/**
 * Finds records by name and pages by words. Pagefind takes a number that it does not know for the beginning of others; a page that
 * lacks it is no answer.
 * @param {string} query
 * @param {Options} options
 * @returns {Promise<Found>}
 */
export async function find(query, { limit = 5, kinds = [] } = {}) {
  const [named, found] = await Promise.all([byName(query), searchProse(query)]);
  const pages = await Promise.all(found.slice(0, READ).map((result) => result.data()));
  const number = /^\S*\d\S*$/.test(query) ? query.toLowerCase() : "";
  const fitting = pages.filter((page) => page.content.toLowerCase().includes(number));
  const unseen = fitting.length < pages.length || kinds.length ? 0 : found.length - pages.length;
  const results = [...named, ...fitting.map(resultOf)].map((result) => ({ ...result, language: document.documentElement.lang, products: [], releases: [] }));
  const unique = [...new Map(results.toReversed().map((result) => [new URL(result.href).pathname, result])).values()].reverse();
  const all = grouped(unique);
  const shown = all.filter(({ kind }) => !kinds.length || kinds.includes(kind));
  return {
    jump: named.length ? unique[0] : null, unknown: null,
    groups: shown.map((group) => ({ ...group, results: group.results.slice(0, limit) })),
    total: shown.reduce((sum, group) => sum + group.total, unseen),
    facets: { kind: all.map(({ kind, total }) => [kind, total]), product: [], release: [] },
    understood: { corrected: [], synonyms: [], ignored: [], relaxed: false, message: false },
  };
}

/** A page as Pagefind knows it. */
function resultOf(page) {
  return { href: new URL(page.url, location.href).href, title: page.meta.title ?? page.url, kind: page.meta.kind ?? "guide", id: page.meta.id ?? "",
    excerpt: page.excerpt };
}

/** @param {Result[]} results @returns {Group[]} */
function grouped(results) {
  const groups = Map.groupBy(results, ({ kind }) => kind);
  return [...groups].map(([kind, own]) => ({ kind, total: own.length, results: own }));
}
