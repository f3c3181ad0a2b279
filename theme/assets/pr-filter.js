// Which documents filters let pass (docs/pr-index.md, "Filters").
import { flat, join, meet, union } from "./pr-lists.js";
import { fold, nearest, QueryError } from "./pr-query.js";
import { normalise } from "./pr-words.js";

/** @typedef {import("./pr-match.js").Keys} Keys */
/** @typedef {import("./pr-query.js").Filter} Filter */
/** @typedef {{id: string, name: string, names?: Record<string, string>, aliases?: string[]}} Named */
/** @typedef {Named & {releases: {id: string, train: string}[], platforms: Named[], components: Named[]}} Product */

/** The first of its id, its name or an alias, in any case. @template {Named} T @param {T[]} all @param {string} name */
function find(all, name) {
  const wanted = fold(name);
  return all.find((item) => [item.id, item.name, ...(item.aliases ?? [])].some((own) => fold(own) === wanted));
}

/**
 * The documents that each filter names. Throws QueryError.
 * @param {Keys} keys
 * @param {Filter[]} filters
 * @param {() => Promise<{products: Product[]}>} options asked only where a filter needs the catalogue
 * @returns {Promise<{matches: import("./pr-lists.js").Matches, excluded: boolean}[]>}
 */
export async function conditions(keys, filters, options) {
  const catalogued = ["product", "platform", "affects", "fixed"];
  const known = filters.some((item) => catalogued.includes(item.name)) ? (await options()).products : [];
  const wanted = (/** @type {string} */ name) => filters.filter((item) => item.name === name && !item.excluded);
  const named = wanted("product").flatMap((item) => item.values.map((value) => productOf(known, value)));
  const platforms = wanted("platform").map((item) => item.values.flatMap((value) => platformIds(known, value)));
  const asked = wanted("affects").length ? filters.filter((item) => item.name !== "platform" || item.excluded) : filters;
  const listOf = (/** @type {Filter} */ { name, values }) => {
    if (name === "since") return since(keys, values);
    if (name === "product") return keys.lists(values.map((value) => `=product:${productOf(known, value).id}`));
    if (name === "platform") return keys.lists(values.flatMap((value) => platformIds(known, value)).map((id) => `=platform:${id}`));
    if (name !== "affects" && name !== "fixed") return keys.lists(values.map((value) => `=${name}:${normalise(value)}`));
    const releases = values.flatMap((value) => releaseKeys(named.length ? named : known, name, value));
    return name === "affects" ? affected(keys, releases, platforms) : keys.lists(releases);
  };
  const found = await Promise.all(asked.map(async (item) => listOf(item)));
  return found.map((one, i) => ({ matches: one instanceof Uint32Array ? flat(one, 0) : one, excluded: Boolean(asked[i].excluded) }));
}

/** @param {Product[]} products @param {string} value */
function productOf(products, value) {
  const product = find(products, value);
  if (!product) throw new QueryError("product", value, "unknown", nearest(value, products.map((item) => item.id)));
  return product;
}

/** @param {Product[]} products @param {string} value */
function platformIds(products, value) {
  const ids = products.map((product) => find(product.platforms, value)?.id).filter((id) => id !== undefined);
  if (ids.length) return ids;
  throw new QueryError("platform", value, "unknown", nearest(value, products.flatMap((item) => item.platforms.map((own) => own.id))));
}

/** @param {Product[]} products @param {string} name @param {string} value */
function releaseKeys(products, name, value) {
  const wanted = value.toLowerCase();
  const found = products.filter((product) => product.releases.some((release) => release.id.toLowerCase() === wanted));
  if (found.length) return found.map((product) => `=${name}:${product.id}/${wanted}`);
  throw new QueryError(name, value, "unknown", nearest(value, products.flatMap((item) => item.releases.map((release) => release.id))));
}

/**
 * What is affected: on any platform, or of each set of platforms on one.
 * @param {Keys} keys
 * @param {string[]} releases keys
 * @param {string[][]} platforms
 */
async function affected(keys, releases, platforms) {
  const [all, ...each] = await Promise.all([keys.lists(releases), ...platforms.map((set) => affectedOn(keys, releases, set))]);
  return meet([flat(all, 0), ...each]);
}

/**
 * What is affected on one of the platforms: what names it or none, and at level 1 only what is listed for it.
 * @param {Keys} keys
 * @param {string[]} releases keys
 * @param {string[]} platforms
 */
async function affectedOn(keys, releases, platforms) {
  const [all, naming, listed] = await Promise.all([
    Promise.all(releases.map((key) => keys.list(key))), keys.lists([...platforms, ""].map((id) => `=platform:${id}`)),
    keys.lists(releases.flatMap((key) => platforms.map((id) => `${key}@${id}`)))]);
  const plain = union(all.map((list) => list.filter((value) => !(value & 3))), keys.documents);
  return join(meet([flat(plain, 0), flat(naming, 0)]), flat(listed, 0));
}

/** @param {Keys} keys @param {string[]} days */
async function since(keys, days) {
  const first = days.reduce((a, b) => (a < b ? a : b));
  return union((await keys.facet("updated", first)).map(([, list]) => list), keys.documents);
}

/**
 * Documents that a release of a product is affected by. Throws QueryError.
 * @param {Keys} keys
 * @param {{products: Product[]}} options
 * @param {string} product
 * @param {string} release
 * @param {string} platform may be empty
 */
export async function affectedIn(keys, options, product, release, platform) {
  const found = productOf(options.products, product);
  return affected(keys, releaseKeys([found], "affects", release), platform ? [platformIds([found], platform)] : []);
}
