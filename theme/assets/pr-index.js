// PR Search in the browser: answers queries from the static index below prsearch/ (docs/pr-index.md).
import { compare as inOrder, json, ranks } from "./pr-files.js";
import { affectedIn, conditions } from "./pr-filter.js";
import { meet, ordered, taken, without } from "./pr-lists.js";
import { Keys, matching } from "./pr-match.js";
import { checked, parseQuery } from "./pr-query.js";

export { QueryError } from "./pr-query.js";

/** @typedef {import("./pr-query.js").Filter} Filter */
/** @typedef {"relevance" | "number" | "severity" | "updated"} Sort */
/** @typedef {{ordinals: Uint32Array, scores: Uint32Array, corrections: [string, string][], terms: string[]}} Found all hits in order */
/**
 * What is shown of a document; `texts` by language are title and excerpt, `fixed` the first releases that fix it.
 * @typedef {{ordinal: number, id: string, kind: string, severity: string, status: string, updated: string, products: string[],
 *   fixed: string[], texts: Record<string, [string, string]>}} Card
 */

const SEVERITIES = ["unrated", "none", "low", "medium", "high", "critical"];
const REST = "medium"; // each document has one severity; the list of the most common one need not be loaded

/**
 * Opens the index.
 * @param {(path: string) => Promise<Uint8Array>} load a file, by its path below prsearch/
 */
export async function openIndex(load) {
  return new Index(await Keys.open(load));
}

class Index {
  /** @param {Keys} keys */
  constructor(keys) {
    this.keys = keys;
    this.generation = keys.root.generation;
    this.documents = keys.documents;
  }

  /** Products with names, releases, platforms and components. */
  async options() {
    return json(await this.keys.file("options.json"));
  }

  /**
   * All documents that match, in order. Throws QueryError.
   * @param {string} text
   * @param {Filter[]} filters beside those in the text
   * @param {{sort?: Sort}} options
   * @returns {Promise<Found>}
   */
  async search(text, filters = [], { sort = "relevance" } = {}) {
    const query = parseQuery(text);
    const all = [...query.filters, ...filters.map(checked)];
    const [limits, found, rank] = await Promise.all([
      conditions(this.keys, all, () => this.options()), Promise.all(query.words.map((words) => matching(this.keys, words))),
      this.#order(sort)]);
    const wanted = [];
    const unwanted = [];
    for (const { matches, excluded } of limits) (excluded ? unwanted : wanted).push(matches);
    found.forEach(({ matches }, i) => { if (matches) (query.words[i].excluded ? unwanted : wanted).push(matches); });
    const { ordinals, scores } = unwanted.reduce(without, wanted.length ? meet(wanted) : this.#everything());
    const places = ordered(ordinals, rank ? taken(rank, ordinals) : scores);
    const shown = found.filter((_, i) => !query.words[i].excluded);
    return {
      ordinals: taken(ordinals, places), scores: taken(scores, places),
      corrections: [...new Map(shown.flatMap((item) => item.corrections))],
      terms: [...new Set(shown.flatMap((item) => item.terms).filter(Boolean))],
    };
  }

  #everything() {
    return { ordinals: new Uint32Array(this.documents).map((_, ordinal) => ordinal), scores: new Uint32Array(this.documents) };
  }

  /** What documents are sorted by, greatest first; null for their scores. @param {Sort} sort */
  async #order(sort) {
    if (sort === "number") return this.#ranks();
    const rank = new Uint32Array(this.documents);
    if (sort === "severity") {
      rank.fill(SEVERITIES.indexOf(REST));
      (await this.#severities()).forEach(([name, list]) => { for (const value of list) rank[value >>> 2] = SEVERITIES.indexOf(name); });
    } else if (sort === "updated") {
      (await this.keys.facet("updated")).forEach(([, list], number) => { for (const value of list) rank[value >>> 2] = number; });
    } else return null;
    return rank;
  }

  /** Severities but for one, with their documents. @returns {Promise<[string, Uint32Array][]>} */
  async #severities() {
    const { facets } = await this.options();
    const names = SEVERITIES.filter((name) => name !== REST && facets.severity.includes(name));
    return Promise.all(names.map(async (name) => [name, await this.keys.list(`=severity:${name}`)]));
  }

  async #ranks() {
    return ranks(await this.keys.file("rank.bin"), this.documents);
  }

  /** What is shown of documents. @param {ArrayLike<number>} ordinals @returns {Promise<Card[]>} */
  async cards(ordinals) {
    const { block } = this.keys.root;
    return Promise.all(Array.from(ordinals, async (ordinal) => {
      const part = await this.#block(Math.floor(ordinal / block));
      const [id, kind, severity, status, updated, products, fixed, texts] = part[ordinal % block];
      return { ordinal, id, kind, severity, status, updated, products, fixed, texts };
    }));
  }

  /** @type {Map<number, Promise<any[]>>} */
  #blocks = new Map();

  /** @param {number} number */
  #block(number) {
    let block = this.#blocks.get(number);
    if (!block) {
      block = this.keys.file(`c/${number}.bin`).then(json);
      this.#blocks.set(number, block);
      block.catch(() => this.#blocks.delete(number));
    }
    return block;
  }

  /**
   * How many of the documents have which value of a facet, most first, then by value.
   * @param {ArrayLike<number>} ordinals
   * @param {string} facet
   * @returns {Promise<[string, number][]>}
   */
  async counts(ordinals, facet) {
    const wanted = new Uint8Array(this.documents);
    for (let i = 0; i < ordinals.length; i++) wanted[ordinals[i]] = 1;
    const lists = facet === "severity" ? await this.#severities() : await this.keys.facet(facet);
    const counted = lists.map(([value, list]) => [value, list.reduce((sum, item) => sum + wanted[item >>> 2], 0)]);
    if (facet === "severity") counted.push([REST, counted.reduce((rest, [, count]) => rest - count, ordinals.length)]);
    return counted.filter(([, count]) => count).sort(([a, m], [b, n]) => n - m || inOrder(a, b));
  }

  /**
   * What a change of release fixes, brings and leaves, each in the order of ids.
   * @param {string} product
   * @param {string} from
   * @param {string} to
   * @param {string} platform
   */
  async compare(product, from, to, platform = "") {
    const options = await this.options();
    const [before, after, rank] = await Promise.all([
      affectedIn(this.keys, options, product, from, platform), affectedIn(this.keys, options, product, to, platform), this.#ranks()]);
    const inIdOrder = (/** @type {import("./pr-lists.js").Matches} */ found) => found.ordinals.sort((a, b) => rank[a] - rank[b]);
    const [fixed, introduced, remaining] = [without(before, after), without(after, before), meet([before, after])].map(inIdOrder);
    return { fixed, introduced, remaining };
  }

  /**
   * Up to three records whose names are numbers of as many digits, those nearest first.
   * @param {string} number
   */
  async nearest(number) {
    const wanted = number.trim().replace(/^pr[-#]?/i, "");
    if (!/^[0-9]{1,15}$/.test(wanted)) return [];
    const names = await this.keys.numbersAround(wanted);
    const far = (/** @type {string} */ name) => Math.abs(Number(name) - Number(wanted));
    names.sort(([a], [b]) => far(a) - far(b) || Number(a) - Number(b));
    const found = new Map();
    for (const [name, list] of names) for (const value of list) if (!found.has(value >>> 2)) found.set(value >>> 2, name);
    return [...found].slice(0, 3).map(([ordinal, name]) => ({ ordinal, name }));
  }
}
