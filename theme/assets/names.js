// What a query that is an id, an alias or a release leads to, and what lies nearest to one that nobody has
// (docs/pr-index.md, "Looking up a name"; prsearch/names.py answers alike).
import { escaped, languageRoot } from "./dom.js";
import { edits } from "./edits.js";
import { compare } from "./pr-files.js";
import { alike, isCompared } from "./pr-match.js";
import { prIndex } from "./pr-open.js";
import { addressOf } from "./pr-shown.js";
import { BLANK, nameKey } from "./pr-words.js";

/**
 * `excerpt` is HTML; `kind` also guide or release; `releases` are those that fix it; `why` tells why it is offered, where that is not plain.
 * @typedef {{href: string, title: string, kind: string, id: string, language: string, excerpt: string, products: string[],
 *   releases: string[], why?: string}} Result
 */
/** @typedef {import("./pr-index.js").Card} Card */
/** @typedef {[product: string, name: string, releases: string[]]} Product as in search/releases.json */
/** @typedef {Card | {product: Product, release: string}} Target */
/** @typedef {{found: Target[], unknown: boolean, near: Target[]}} LookedUp the best first */
/** @typedef {{keys: import("./pr-match.js").Keys, cards: (ordinals: ArrayLike<number>) => Promise<Card[]>}} Index */

const NEAREST = 5; // records or releases that are offered
const AROUND = 32; // names on either side, in their order, that are looked at
const ALIKE_FROM = 4; // characters; shorter names are too much alike
const LONGEST = 64; // characters of a name that others are compared with
const FARTHEST = 2; // edits
const MOST_WORDS = 4; // of an id that is written with blanks
const MOST_FOUND = 12; // records of one name that are shown
const BEYOND = 1e15;

const ID = /^[a-z]{0,12}[0-9][a-z0-9.]*$/;
const RELEASE = /^[0-9]{1,4}\.[0-9][a-z0-9.]*$/;
const FAMILY = /^([a-z]*)([0-9]{1,15})$/;
const PR = new RegExp(`^[${BLANK}]*pr[-#${BLANK}]*[0-9]+[${BLANK}]*$`, "i");
const WORDS = new RegExp(`[^${BLANK}]+`, "g");

/** @type {Promise<Product[]> | undefined} */
let products;

/** Products with their releases. */
function known() {
  products ??= fetch(new URL("search/releases.json", languageRoot())).then((answer) => (answer.ok ? answer.json() : []));
  products.catch(() => { products = undefined; });
  return products;
}

/**
 * What a query leads to that is a name as a whole: an id, an alias, an old id, a CVE id, a release; `also` are others of that name.
 * For a query like an id that nobody has, `unknown` offers the nearest. Nothing is loaded for a query that cannot be a name.
 * @param {string} query
 * @returns {Promise<{jump: Result | null, also: Result[], unknown: {id: string, nearest: Result[]} | null}>}
 */
export async function lookUp(query) {
  const name = nameKey(query);
  if (name.length < 2 || [...name].length > LONGEST) return { jump: null, also: [], unknown: null };
  const [index, list] = await Promise.all([prIndex(), known().catch(() => [])]);
  const { found, unknown, near } = await lookUpIn(index, list, query);
  const [jump, ...also] = found.map(resultOf);
  return { jump: jump ?? null, also, unknown: unknown ? { id: query.trim(), nearest: near.map(resultOf) } : null };
}

/**
 * What goes by a name, best first; nearest ones where nothing does and the query is like an id.
 * @param {Index} index
 * @param {Product[]} list
 * @param {string} query
 * @returns {Promise<LookedUp>}
 */
export async function lookUpIn(index, list, query) {
  const name = nameKey(query);
  const own = [...await index.keys.list(`#${name}`)].map((value) => value >>> 2).reverse();
  const cards = await index.cards(own.slice(0, MOST_FOUND));
  const byId = (/** @type {Card} */ card) => Number(nameKey(card.id) !== name);
  const found = [...cards.sort((a, b) => byId(a) - byId(b)), ...releasesOf(list, name)];
  if (found.length || !isIdLike(query)) return { found, unknown: false, near: [] };
  const { below, after } = await index.keys.namesAround(name, AROUND);
  const begun = after[0]?.startsWith(name) || list.some(([, , ids]) => ids.some((id) => nameKey(id).startsWith(name)));
  if (begun) return { found, unknown: false, near: [] }; // the reader may still be typing
  const releases = RELEASE.test(name) ? nearReleases(list, name) : [];
  const near = releases.length ? releases : await index.cards(await nearIn(index.keys, name, [...below, ...after]));
  return { found, unknown: near.length > 0 || isSure(query), near };
}

/** @param {Product[]} list @param {string} name @returns {Target[]} */
function releasesOf(list, name) {
  return list.flatMap((product) => {
    const starts = product.slice(0, 2).map((other) => nameKey(/** @type {string} */ (other))).filter((start) => start && name.startsWith(start));
    const wanted = new Set([name, ...starts.map((start) => name.slice(start.length))]);
    return product[2].filter((release) => wanted.has(nameKey(release))).map((release) => ({ product, release }));
  });
}

/** @param {Product[]} list @param {string} name @returns {Target[]} */
function nearReleases(list, name) {
  return list.flatMap((product) => product[2].map((release) => ({ away: edits(name, nameKey(release), FARTHEST), target: { product, release } })))
    .filter(({ away }) => away <= FARTHEST).sort((a, b) => a.away - b.away).slice(0, NEAREST).map(({ target }) => target);
}

/**
 * Ordinals of the records with the names nearest to one.
 * @param {import("./pr-match.js").Keys} keys
 * @param {string} name
 * @param {string[]} around
 */
async function nearIn(keys, name, around) {
  const letters = [...name];
  if (letters.length < ALIKE_FROM || letters.length > LONGEST) return [];
  const similar = await alike(letters, keys.table, keys.names, "#");
  const ranked = [...new Set([...around, ...similar.keys()])].filter(isCompared).flatMap((other) => {
    const rank = nearness(name, other);
    return rank ? [{ rank, other }] : [];
  }).sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || compare(a.other, b.other));
  /** @type {Set<number>} */
  const found = new Set();
  for (const { other } of ranked) {
    if (found.size >= NEAREST) break;
    for (const value of (await keys.list(`#${other}`)).reverse()) found.add(value >>> 2);
  }
  return [...found].slice(0, NEAREST);
}

/** Whether a query that names nothing is meant as an id: few words, letters before digits, three digits at least. @param {string} query */
export function isIdLike(query) {
  const name = nameKey(query);
  return ID.test(name) && (query.match(WORDS) ?? []).length <= MOST_WORDS && name.length <= LONGEST
    && name.replace(/[^0-9]/g, "").length >= (RELEASE.test(name) ? 2 : 3);
}

/** Whether a query can be nothing but an id: it says CVE or PR. @param {string} query */
function isSure(query) {
  return /^cve[0-9]{7,}$/.test(nameKey(query)) || PR.test(query);
}

/**
 * The less, the nearer: edits up to two, then the distance of numbers of as many digits; null for what is too far.
 * @param {string} name
 * @param {string} other
 * @returns {[number, number] | null}
 */
export function nearness(name, other) {
  const away = edits(name, other, FARTHEST);
  const [one, two] = [FAMILY.exec(name), FAMILY.exec(other)];
  const same = one && two && name.length === other.length && one[1] === two[1];
  if (away > FARTHEST && !same) return null;
  return [Math.min(away, FARTHEST + 1), same ? Math.abs(Number(one[2]) - Number(two[2])) : BEYOND];
}

/**
 * A record or release as a result.
 * @param {Target} target
 * @returns {Result}
 */
export function resultOf(target) {
  if ("release" in target) {
    const { product: [id, name], release } = target;
    const href = new URL(`releases/${encodeURIComponent(id)}/${encodeURIComponent(release)}/`, languageRoot()).href;
    const language = document.documentElement.lang;
    return { href, title: `${name} ${release}`, kind: "release", id: release, language, excerpt: "", products: [id], releases: [release] };
  }
  const wanted = document.documentElement.lang;
  const language = target.texts[wanted] ? wanted : Object.keys(target.texts)[0];
  const [title, excerpt] = target.texts[language];
  return {
    href: addressOf(target), title, kind: target.kind, id: target.id, language, excerpt: escaped(excerpt), products: target.products,
    releases: target.fixed,
  };
}
