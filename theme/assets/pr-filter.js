// Which documents filters let pass (docs/pr-index.md, "Filters").
import { flat, meet, union } from "./pr-lists.js";
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
 * Lists of the documents that each filter names. Throws QueryError.
 * @param {Keys} keys
 * @param {Filter[]} filters
 * @param {() => Promise<{products: Product[]}>} options asked only where a filter needs the catalogue
 * @returns {Promise<{list: Uint32Array, excluded: boolean}[]>}
 */
export async function conditions(keys, filters, options) {
  const catalogued = ["product", "platform", "affects", "fixed"];
  const known = filters.some((item) => catalogued.includes(item.name)) ? (await options()).products : [];
  const wanted = (/** @type {string} */ name) => filters.filter((item) => item.name === name && !item.excluded).flatMap((item) => item.values);
  const named = wanted("product").map((value) => productOf(known, value));
  const platforms = wanted("platform").flatMap((value) => platformIds(known, value));
  const affects = wanted("affects").length > 0;
  const listOf = (/** @type {Filter} */ { name, values, excluded }) => {
    if (name === "since") return since(keys, values);
    if (name === "product") return keys.lists(values.map((value) => `=product:${productOf(known, value).id}`));
    if (name === "platform") {
      const ids = values.flatMap((value) => platformIds(known, value));
      return keys.lists((affects && !excluded ? [...ids, ""] : ids).map((id) => `=platform:${id}`));
    }
    if (name !== "affects" && name !== "fixed") return keys.lists(values.map((value) => `=${name}:${normalise(value)}`));
    const releases = values.flatMap((value) => releaseKeys(named.length ? named : known, name, value));
    return name === "affects" ? affected(keys, releases, platforms) : keys.lists(releases);
  };
  const lists = filters.map(listOf); // all requests are under way before the first is waited for
  return (await Promise.all(lists)).map((list, i) => ({ list, excluded: Boolean(filters[i].excluded) }));
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
  if (!ids.length) throw new QueryError("platform", value, "unknown", nearest(value, products.flatMap((item) => item.platforms.map((own) => own.id))));
  return ids;
}

/** @param {Product[]} products @param {string} name @param {string} value */
function releaseKeys(products, name, value) {
  const wanted = value.toLowerCase();
  const found = products.filter((product) => product.releases.some((release) => release.id.toLowerCase() === wanted));
  if (!found.length) throw new QueryError(name, value, "unknown", nearest(value, products.flatMap((item) => item.releases.map((release) => release.id))));
  return found.map((product) => `=${name}:${product.id}/${wanted}`);
}

/**
 * What is affected, on any platform or on those that are named. Level 1 says that it depends on the platform.
 * @param {Keys} keys
 * @param {string[]} releases keys
 * @param {string[]} platforms
 */
async function affected(keys, releases, platforms) {
  const on = releases.flatMap((release) => platforms.map((platform) => `${release}@${platform}`));
  const [lists, special] = await Promise.all([Promise.all(releases.map((key) => keys.list(key))), keys.lists(on)]);
  const all = platforms.length ? lists.map((list) => list.filter((value) => !(value & 3))) : lists;
  return union([...all, special], keys.documents);
}

/** @param {Keys} keys @param {string[]} days */
async function since(keys, days) {
  const first = days.reduce((a, b) => (a < b ? a : b));
  return union((await keys.facet("updated")).filter(([day]) => day >= first).map(([, list]) => list), keys.documents);
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
  const platforms = platform ? platformIds([found], platform) : [];
  const [list, fitting] = await Promise.all([
    affected(keys, releaseKeys([found], "affects", release), platforms),
    platform ? keys.lists([...platforms, ""].map((id) => `=platform:${id}`)) : null]);
  return fitting ? meet([flat(list, 0), flat(fitting, 0)]) : flat(list, 0);
}
