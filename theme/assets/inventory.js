// Inventories: devices matched with the products, platforms and releases of the portal (docs/network.md). kb/inventory.py reads the same
// files alike; tests/network/inventory_vectors.json holds both to it.
import { fault, MOST_LETTERS, rowsOf, templateOf } from "./inventory-text.js";
import { nearest } from "./pr-query.js";
import { compareKeys, parseRelease } from "./release-key.js";

/** @typedef {import("./inventory-text.js").Fault} Fault */
/** @typedef {import("./inventory-text.js").Row} Row */
/** @typedef {{id: string, names: Record<string, string>, aliases?: string[]}} Named */
/**
 * What api/v1/releases.json and the files that it names hold (docs/api.md).
 * @typedef {Named & {scheme?: string, path?: string, platforms?: Named[], show_version?: string[]}} Product
 * @typedef {{index: {products: Product[]}, releases: Record<string, {releases: {id: string, train: string}[]}>}} Catalogue
 */
/**
 * `product`, `platform` and `release` are ids where it is `checked`, else as written; `written` is the release as written; `line` is 0 in JSON.
 * @typedef {{name: string, product: string, platform: string, release: string, serial: string, site: string, tags: string[],
 *   written: string, checked: boolean, line: number}} Device
 */
/**
 * `reason` and `remedy` (which may be empty) are names of texts with `values`; `device` is its place in the list, -1 for none.
 * @typedef {{line: number, field: string, value: string, level: "error" | "note", reason: string, remedy: string,
 *   values: {value: string, guess: string, about: string}, device: number, code: string}} Finding
 */

const NOTES = new Set(["column", "no-name", "same-name", "respin"]);
const OWN_GUESS = new Set(["too-large", "too-many", "bad-format", "column", "cells", "no-name", "respin"]); // their texts tell the guess
const NO_REMEDY = new Set(["respin"]);
const EVO = /-evo$/i; // what records and inventories may leave out, but not where it alone tells products apart
const MOST_GUESSES = 500;

/**
 * The devices of an inventory and what is wrong with it. `missing` are products whose releases were asked for and are not in the
 * catalogue: load these and read again.
 * @param {string} text
 * @param {Catalogue} catalogue
 * @returns {{devices: Device[], findings: Finding[], missing: string[]}}
 */
export function readInventory(text, catalogue) {
  if (text.length > MOST_LETTERS) return { devices: [], findings: [findingOf(fault("too-large", { guess: String(MOST_LETTERS) }))], missing: [] };
  /** @type {Fault[]} */
  const faults = [];
  const missing = new Set();
  const products = catalogue.index.products.map((product) => new Known(product, catalogue.releases, missing));
  const rows = rowsOf(text, new Map(products.map((product) => [product.id, product.templates])), faults);
  const reading = new Reading(products, faults);
  const devices = rows.map((row, place) => reading.device(row, place));
  return { devices, findings: faults.map(findingOf), missing: [...missing] };
}

/**
 * The same, with releases of products loaded when they are first needed.
 * @param {string} text
 * @param {Catalogue} catalogue to which they are added
 * @param {(path: string) => Promise<any>} load JSON of a file of the portal
 */
export async function loadedInventory(text, catalogue, load) {
  let read = readInventory(text, catalogue);
  while (read.missing.length) {
    const wanted = catalogue.index.products.filter((product) => read.missing.includes(product.id));
    const found = await Promise.all(wanted.map((product) => load(product.path)));
    for (const [place, product] of wanted.entries()) catalogue.releases[product.id] = found[place];
    read = readInventory(text, catalogue);
  }
  return read;
}

/** Devices as a file that `readInventory` reads again. @param {Device[]} devices */
export function inventoryFile(devices) {
  const listed = devices.map(({ name, product, platform, release, serial, site, tags, written }) =>
    ({ name, product, platform, release: written || release, serial, site, tags }));
  return `${JSON.stringify({ format: 1, devices: listed }, null, 1)}\n`;
}

/** @param {Fault} found @returns {Finding} */
function findingOf({ code, line, field, value, guess, about, device }) {
  const name = `inventory${code.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase())}`;
  const remedy = guess && !OWN_GUESS.has(code) ? "inventoryMeant" : NO_REMEDY.has(code) ? "" : `${name}Remedy`;
  return { line, field, value, level: NOTES.has(code) ? "note" : "error", reason: name, remedy, values: { value, guess, about }, device, code };
}

/** A product, ready for look-ups. */
class Known {
  /** @param {Product} product @param {Catalogue["releases"]} releases @param {Set<string>} missing */
  constructor(product, releases, missing) {
    this.id = product.id;
    this.names = [product.id, ...Object.values(product.names), ...product.aliases ?? []];
    this.templates = (product.show_version ?? []).map(templateOf).filter(Boolean);
    this.scheme = product.scheme ?? "";
    this.platforms = byName((product.platforms ?? []).map((one) => [one.id, [one.id, ...Object.values(one.names), ...one.aliases ?? []]]));
    this.load = () => {
      if (product.path && !releases[product.id]) missing.add(product.id);
      return releases[product.id]?.releases ?? [];
    };
  }

  /** The id of a platform, empty for an unknown one. @param {string} name @returns {string} */
  platform(name) {
    return this.platforms.get(name.toLowerCase()) ?? "";
  }

  /** The listed releases: [name, key, train] from old to new, and where they are by id and key. */
  get releases() {
    if (!this.known) {
      const listed = this.load().map(({ id, train }) => ({ id, train, key: parseRelease(id, this.scheme)?.key }));
      const keyed = listed.filter(({ key }) => key);
      this.known = { listed, byId: byName(listed.map(({ id }) => [id, [id]])), byKey: new Map(keyed.map(({ id, key }) => [key.join(), id])), keyed };
    }
    return this.known;
  }

  /** Whether a listed release is meant, and says so itself where it is one of the EVO kind. @param {string} name */
  suits(name) {
    const found = this.release(name);
    return Boolean(found) && EVO.test(found) === EVO.test(name);
  }

  /**
   * The id of the listed release that a name means: itself, the same one written otherwise, or of a respin the one that holds it.
   * @param {string} name
   * @returns {string} empty for an unknown one
   */
  release(name) {
    const { byId, byKey } = this.releases;
    const key = parseRelease(name, this.scheme)?.key;
    return byId.get(name.toLowerCase()) ?? (key && byKey.get(key.join()))
      ?? (key && this.scheme === "junos" ? byKey.get([...key.slice(0, -1), 0].join()) : undefined) ?? "";
  }

  /** @param {string} name @param {string} listed */
  isRespin(name, listed) {
    const [one, other] = [parseRelease(name, this.scheme), parseRelease(listed, this.scheme)];
    return Boolean(one && other && compareKeys(one.key, other.key));
  }

  /** The newest listed release of its train before it, the first after it, or the one spelt most like it. @param {string} name */
  nearestRelease(name) {
    const { listed, keyed } = this.releases;
    const found = parseRelease(name, this.scheme);
    const length = this.scheme === "junos" ? 3 : 2;
    const family = found?.key.slice(0, length).join();
    const train = found ? keyed.filter(({ key }) => key.slice(0, length).join() === family).sort((a, b) => compareKeys(a.key, b.key)) : [];
    const before = train.filter(({ key }) => compareKeys(key, found.key) < 0);
    return (before.at(-1) ?? train[0])?.id ?? nearest(name, listed.map(({ id }) => id));
  }
}

/** Makes devices of rows. Guesses that many devices share are made once. */
class Reading {
  /** @param {Known[]} products @param {Fault[]} faults */
  constructor(products, faults) {
    this.products = products;
    this.faults = faults;
    this.byName = byName(products.map((product) => [product, product.names]));
    this.seen = new Set();
    this.guesses = new Map();
  }

  /** @param {Row} row @param {number} place @returns {Device} */
  device(row, place) {
    const before = this.faults.length;
    const { values, suited } = this.told(row);
    const name = values.name || values.serial || `#${place + 1}`;
    if (!values.name) this.add("no-name", row, "name", { guess: name });
    else if (this.seen.has(name.toLowerCase())) this.add("same-name", row, "name", { value: name });
    this.seen.add(name.toLowerCase());
    const product = suited ?? this.product(row, values);
    let { platform = "", release = "" } = values;
    if (product) [platform, release] = [this.platform(row, product, platform), this.release(row, product, release)];
    const own = this.faults.slice(before);
    for (const found of own) found.device = place;
    const checked = Boolean(product) && own.every(({ code }) => NOTES.has(code));
    return {
      name, product: product?.id ?? values.product ?? "", platform, release, serial: values.serial ?? "", site: values.site ?? "",
      tags: row.tags, written: values.release ?? "", checked, line: row.line,
    };
  }

  /** @param {string} code @param {Row} row @param {string} field @param {Partial<Fault>} more */
  add(code, row, field, more = {}) {
    this.faults.push(fault(code, { line: row.line, field, ...more }));
  }

  /** The values of a device, and of one that printed them the product whose templates suit best. @param {Row} row */
  told(row) {
    const printed = row.printed ?? {};
    if (!Object.keys(printed).length) return { values: row.values, suited: null };
    const ranked = this.products.filter(({ id }) => printed[id]).map((product) => {
      const { platform, release } = printed[product.id];
      const fit = [Object.keys(printed[product.id]).length, Number(Boolean(platform && product.platform(platform))),
        Number(Boolean(release && product.release(release)))];
      return { product, fit };
    });
    const { product } = ranked.reduce((best, other) => (compareKeys(other.fit, best.fit) > 0 ? other : best));
    return { values: { ...row.values, ...printed[product.id] }, suited: product };
  }

  /** @param {Row} row @param {Record<string, string>} values @returns {Known | null} */
  product(row, { product: written, platform = "", release = "" }) {
    const { products } = this;
    if (written) {
      const found = this.byName.get(written.toLowerCase());
      if (found) return found;
      const ids = byName(products.map((product) => [product.id, product.names]));
      this.add("unknown-product", row, "product", { value: written, guess: this.guess("", written, ids), about: products[0]?.id ?? "" });
      return null;
    }
    let fitting = products.filter((product) => platform && product.platform(platform));
    if (fitting.length !== 1) {
      const some = fitting.length ? fitting : products;
      const exact = some.filter((product) => release && product.suits(release));
      fitting = exact.length ? exact : some.filter((product) => release && product.release(release));
    }
    if (fitting.length === 1) return fitting[0];
    if (platform && !products.some((product) => product.platform(platform))) {
      const ids = new Map(products.flatMap((product) => [...product.platforms]));
      const about = products.slice(0, 5).map((product) => product.id).join(", ");
      this.add("unknown-platform", row, "platform", { value: platform, guess: this.guess("*", platform, ids), about });
    } else {
      this.add("no-product", row, "product");
    }
    return null;
  }

  /** @param {Row} row @param {Known} product @param {string} written */
  platform(row, product, written) {
    const found = product.platform(written);
    if (written && !found) {
      const guess = this.guess(`p ${product.id}`, written, product.platforms);
      this.add("unknown-platform", row, "platform", { value: written, guess, about: product.id });
    }
    return found || written;
  }

  /** @param {Row} row @param {Known} product @param {string} written */
  release(row, product, written) {
    const found = written ? product.release(written) : "";
    if (!written) this.add("no-release", row, "release");
    else if (!found) {
      const key = JSON.stringify([`r ${product.id}`, written]);
      if (!this.guesses.has(key)) this.guesses.set(key, product.nearestRelease(written));
      this.add("unknown-release", row, "release", { value: written, guess: this.guesses.get(key), about: product.id });
    } else if (found.toLowerCase() !== written.toLowerCase() && product.isRespin(written, found)) {
      this.add("respin", row, "release", { value: written, guess: found });
    }
    return found || written;
  }

  /** The id with the name nearest to one. @param {string} where @param {string} written @param {Map<string, string>} ids @returns {string} */
  guess(where, written, ids) {
    const key = JSON.stringify([where, written]);
    if (!this.guesses.has(key)) this.guesses.set(key, this.guesses.size < MOST_GUESSES ? ids.get(nearest(written, ids.keys())) ?? "" : "");
    return this.guesses.get(key);
  }
}

/** @template T @param {[T, string[]][]} items @returns {Map<string, T>} */
function byName(items) {
  const found = new Map();
  for (const [item, names] of items) for (const name of names) if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), item);
  return found;
}

