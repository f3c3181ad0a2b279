// Pagefind over the segments of the index that generator/prose.py writes: which pages hold a word, and how much it says of them.
import { phraseWorth } from "./search-scores.js";

/** @typedef {{id: string, score: number, words: number[], data: () => Promise<object>}} Match a result of Pagefind; `words` are places */
/** @typedef {import("./search-scores.js").Holders} Holders */

const END = "\u{10ffff}"; // no word holds it, so no word begins with a word that ends in it
const KEPT = 60; // words of recent queries whose pages are remembered
const SIMILARITY = 5; // a longer word that begins with the one that is asked for is worth little
const RANKING = { termFrequency: 1, termSaturation: 1.2, pageLength: 0.75, termSimilarity: SIMILARITY, metaWeights: { title: 0 } };
const REQUESTS = 64; // files of the index that one query may take
const LEAST = 6; // words that it may ask for all the same

let opened; // promise of the language's Prose, loaded with the first search

/** The pages of text in the language of the page, loaded once; where that failed, the next call tries again. */
export function openProse() {
  if (!opened) {
    opened = load();
    opened.catch(() => { opened = undefined; });
  }
  return opened;
}

/** @returns {Promise<Prose>} */
async function load() {
  const root = new URL("../pagefind/", import.meta.url);
  const [segments, library] = await Promise.all([
    fetch(new URL("segments.json", root), { cache: "no-cache" }).then((answer) => answer.json()),
    import(new URL("pagefind.js", root).href),
  ]);
  const { lang } = document.documentElement;
  const [first, ...others] = segments[lang] ?? [];
  if (!first) return new Prose(async () => [], []);
  const folder = (name) => new URL(`${name}/`, root).href;
  const options = { baseUrl: new URL("..", root).pathname, ranking: RANKING };
  const pagefind = library.createInstance({ basePath: folder(first[0]), ...options });
  await Promise.all(others.map(([name, tag]) => pagefind.mergeIndex(folder(name), { ...options, language: tag })));
  return new Prose(async (query) => (await pagefind.search(query)).results, segments[lang]);
}

/** Pages of text, numbered from 0 as they are found. */
export class Prose {
  /**
   * @param {(query: string) => Promise<Match[]>} search
   * @param {[string, string, number][]} segments name, tag that ids of pages begin with, number of pages
   */
  constructor(search, segments) {
    this.search = search;
    this.segments = segments.map(([, tag, count]) => ({ tag, count, kind: tag.split("-x-")[1].split("-")[0] }));
    this.total = segments.reduce((sum, [, , count]) => sum + count, 0);
    /** @type {string[]} */
    this.ids = [];
    /** @type {Map<string, number>} */
    this.numbers = new Map();
    /** @type {Map<string, Promise<Holders & {found: Match[]}>>} */
    this.known = new Map();
  }

  /** How many pages have been found yet. */
  get documents() {
    return this.ids.length;
  }

  /** How many words can be asked for in one query. */
  get most() {
    return Math.max(LEAST, Math.floor(REQUESTS / (this.segments.length || 1)));
  }

  /** The place of a page's segment. @param {string} id */
  #segmentOf(id) {
    const tag = id.slice(0, id.lastIndexOf("_"));
    return this.segments.findIndex((segment) => segment.tag === tag);
  }

  /** @param {number} page */
  kindOf(page) {
    return this.segments[this.#segmentOf(this.ids[page])].kind;
  }

  /**
   * The pages of a word or "phrase", with what Pagefind found on each; remembered.
   * @param {string} word
   * @param {boolean} begins whether longer words that begin so will do
   */
  holders(word, begins = false) {
    const key = begins ? `${word}*` : word;
    const known = this.known.get(key);
    if (known) return known;
    const asked = this.#ask(word, begins);
    if (this.known.size >= KEPT) this.known.delete(this.known.keys().next().value);
    this.known.set(key, asked);
    asked.catch(() => this.known.delete(key));
    return asked;
  }

  /** @param {string} word @param {boolean} begins */
  async #ask(word, begins) {
    if (/\s/.test(word)) return this.#rated(await this.search(`"${word}"`), () => phraseWorth(word));
    const [near, same] = await Promise.all([this.search(word), this.search(`"${word}"`)]);
    const exact = new Set(same.map(({ id }) => id));
    const found = near.filter(({ id }) => exact.has(id));
    const more = begins && near.length > found.length ? await this.#beginning(word, near, exact) : [];
    return this.#rated([...found, ...more], this.#frequency(found));
  }

  /**
   * Pages with words that begin so. A segment that lacks a word takes its beginning for it; such pages are those that the word
   * with END finds at the same places.
   */
  async #beginning(word, near, exact) {
    const places = new Map((await this.search(word + END)).map(({ id, words }) => [id, words.join()]));
    return near.filter(({ id, words }) => !exact.has(id) && places.get(id) !== words.join());
  }

  /**
   * What a match says of its page but for the rarity of the word, which Pagefind counts in each segment (BM25: its score is
   * rarity times frequency).
   * @param {Match[]} found
   */
  #frequency(found) {
    const counts = this.segments.map(() => 0);
    for (const { id } of found) counts[this.#segmentOf(id)]++;
    const rarities = this.segments.map(({ count }, i) => Math.log(1 + (count - counts[i] + 0.5) / (counts[i] + 0.5)));
    return ({ id, score }) => score / rarities[this.#segmentOf(id)];
  }

  /** @param {Match[]} found @param {(match: Match) => number} worth */
  #rated(found, worth) {
    for (const { id } of found) if (!this.numbers.has(id)) this.numbers.set(id, this.ids.push(id) - 1);
    const ordered = found.map((match) => ({ match, page: this.numbers.get(match.id) })).sort((a, b) => a.page - b.page);
    return { documents: Uint32Array.from(ordered, ({ page }) => page), worths: Float32Array.from(ordered, ({ match }) => worth(match)),
      found: ordered.map(({ match }) => match) };
  }
}
