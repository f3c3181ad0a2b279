// Pagefind over the segments of the index that generator/prose.py writes.

/** @typedef {{id: string, words: number[], data: () => Promise<object>}} Match a result of Pagefind; `words` are positions in the text */
/** @typedef {{search: (query: string) => Promise<Match[]>, several: boolean}} Engine `several`: the index has more than one segment */

const END = "\u{10ffff}"; // no word holds it, so no word begins with a word that ends in it
const KEPT = 20; // words of recent queries whose pages are remembered

let engine; // promise of the language's Engine, loaded with the first search
const known = new Map(); // promises of the pages of a word, by word

/** @returns {Promise<Engine>} */
async function load() {
  const root = new URL("../pagefind/", import.meta.url);
  const [segments, library] = await Promise.all([
    fetch(new URL("segments.json", root), { cache: "no-cache" }).then((answer) => answer.json()),
    import(new URL("pagefind.js", root).href),
  ]);
  const { lang } = document.documentElement;
  if (!segments[lang]) return { search: async () => [], several: false };
  const pagefind = library.createInstance({ basePath: new URL(`${lang}/`, root).href, baseUrl: new URL("..", root).pathname });
  await Promise.all(segments[lang].map((name) =>
    pagefind.mergeIndex(new URL(`${name}/`, root).href, { baseUrl: new URL("..", root).pathname, language: lang })));
  return { search: async (query) => (await pagefind.search(query)).results, several: segments[lang].length > 0 };
}

/**
 * Pages with the words of a query, best first; an empty query only loads the index.
 * @param {string} query
 * @returns {Promise<Match[]>}
 */
export async function searchProse(query) {
  engine ??= load().catch((error) => {
    engine = undefined;
    throw error;
  });
  const { search, several } = await engine;
  if (!query) return [];
  const found = await search(query);
  if (!several || /^\s*".+"\s*$/.test(query)) return found;
  const words = query.trim().split(/\s{2,}| /);
  const pages = await Promise.all(words.map((word) => pagesOf(word, search)));
  return found.filter(({ id }) => pages.every((ids) => !ids || ids.has(id)));
}

/**
 * The pages of a word, null where no page has it. A segment that lacks a word leaves it out of the query or takes its beginning
 * for it, which is right only where the whole portal lacks it. Pages that have the beginning alone are those that the word finds
 * at the same places as the word with END, while no word of theirs is the word itself.
 * @param {string} word
 * @param {Engine["search"]} search
 * @returns {Promise<Set<string> | null>}
 */
function pagesOf(word, search) {
  if (known.has(word)) return known.get(word);
  const pages = (async () => {
    const [near, same] = await Promise.all([search(word), search(`"${word}"`)]);
    const exact = new Set(same.map(({ id }) => id));
    if (near.every(({ id }) => exact.has(id))) return near.length ? exact : null;
    const places = new Map((await search(word + END)).map(({ id, words }) => [id, words.join()]));
    const real = near.filter(({ id, words }) => exact.has(id) || places.get(id) !== words.join());
    return near.length ? new Set((real.length ? real : near).map(({ id }) => id)) : null;
  })();
  if (known.size >= KEPT) known.delete(known.keys().next().value);
  known.set(word, pages);
  pages.catch(() => known.delete(word));
  return pages;
}
