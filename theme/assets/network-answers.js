import { Matcher, reasonText } from "./affected-sets.js";
import { unpackedSet } from "./packed-sets.js";
import { json, unpack } from "./pr-files.js";
import { say } from "./texts.js";

/**
 * @typedef {import("./affected-sets.js").Match} Match
 * @typedef {import("./network-model.js").Group} Group
 * @typedef {import("./network-model.js").Release} Release
 * @typedef {import("./network-model.js").Releases} Releases
 * @typedef {{id: string, names: Record<string, string>, aliases?: string[], scheme: string, path?: string,
 *   platforms?: {id: string, names: Record<string, string>, aliases?: string[]}[]}} Product
 */

const [HEAD, BYTES] = [500, 5]; // of an affected set, and for each of its records, about
const PACKED = /^(api\/v1\/(?:affected|releases)\/.+)\.json$/; // stand packed beside

/** What the portal's API says of releases (docs/api.md): files are loaded when they are asked for, each once. */
export class Answers {
  /** @param {URL} root of the portal */
  constructor(root = new URL("../", import.meta.url)) {
    this.root = root;
    this.files = new Map(); // path -> promise of JSON
    /** @type {Product[]} */
    this.products = [];
    /** @type {Map<string, Releases & {places: Map<string, number>}>} */
    this.releases = new Map(); // by product, once loaded
    /** @type {Map<string, Matcher>} */
    this.matchers = new Map(); // by path, once loaded
    this.known = new Map(); // "path release platform" -> matches
  }

  /** What a file says, which is loaded in few bytes. @param {string} path below the root @returns {Promise<any>} */
  load(path) {
    if (!this.files.has(path)) {
      const loading = this.#load(path);
      this.files.set(path, loading);
      loading.catch(() => this.files.delete(path)); // the next attempt may succeed
    }
    return this.files.get(path);
  }

  /** @param {string} path */
  async #load(path) {
    const [, packed] = PACKED.exec(path) ?? [];
    const answer = await fetch(new URL(packed ? `${packed}.bin` : path, this.root), { cache: "no-cache" });
    if (!answer.ok) throw new Error(`${answer.status}: ${path}`);
    if (!packed) return answer.json();
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return path.includes("/affected/") ? unpackedSet(bytes) : json(await unpack(bytes));
  }

  /** All products, and the releases of some, of all where none are named. @param {Iterable<string> | null} wanted */
  async catalogue(wanted = null) {
    ({ products: this.products } = await this.load("api/v1/releases.json"));
    const names = new Set(wanted ?? this.products.map(({ id }) => id));
    await Promise.all(this.products.filter(({ id, path }) => path && names.has(id)).map(async ({ id, path }) => {
      const found = await this.load(path);
      if (!this.releases.has(id)) this.releases.set(id, { ...found, places: new Map(found.releases.map((release, place) => [release.id, place])) });
    }));
  }

  /** Loads what answers for groups need. @param {Group[]} groups */
  async prepare(groups) {
    await this.catalogue(new Set(groups.map(({ product }) => product)));
    await Promise.all([...new Set(groups.map(({ product, release }) => this.pathOf(product, release)).filter(Boolean))].map((path) => this.#set(path)));
  }

  /** Loads the affected set of a release's train. @param {string} product @param {string} release */
  async train(product, release) {
    await this.#set(this.pathOf(product, release));
  }

  /** @param {string} path */
  async #set(path) {
    const found = await this.load(path);
    if (!this.matchers.has(path)) this.matchers.set(path, new Matcher(found));
  }

  /** Whether the affected set of a release's train is here. @param {string} product @param {string} release */
  has(product, release) {
    return this.matchers.has(this.pathOf(product, release));
  }

  /** The path of the affected set of a release's train; empty where the release is not known. @param {string} product @param {string} release */
  pathOf(product, release) {
    const train = this.release(product, release)?.train;
    return this.releases.get(product)?.trains.find(({ id }) => id === train)?.affected ?? "";
  }

  /** @param {string} product @param {string} release @returns {Release | undefined} */
  release(product, release) {
    const found = this.releases.get(product);
    return found?.releases[found.places.get(release) ?? -1];
  }

  /** The release that a device runs; none where the device is not checked. @param {{product: string, release: string, checked?: boolean}} device */
  runs({ product, release, checked }) {
    return checked === false ? undefined : this.release(product, release);
  }

  /** What affects a release; nothing where that is not known. @param {string} product @param {string} release @param {string} platform empty where nobody said @returns {Match[]} */
  matches(product, release, platform) {
    const path = this.pathOf(product, release);
    const key = `${path} ${release} ${platform}`;
    if (!this.known.has(key)) {
      const matcher = this.matchers.get(path);
      if (!matcher) return [];
      this.known.set(key, matcher.matches(release, platform || null));
    }
    return this.known.get(key);
  }

  /** What affects the devices of a group. @param {Group} group */
  matchesOf = (group) => (group.key.startsWith("?") ? [] : this.matches(group.product, group.release, group.platform));

  /** Why a record affects devices. @param {{product: string, release: string}} group @param {Match} match */
  reason({ product, release }, match) {
    const { reasons } = this.matchers.get(this.pathOf(product, release)).found;
    return reasonText(match, reasons[document.documentElement.lang] ?? Object.values(reasons)[0], (platform) => this.platformName(product, platform),
      (platforms, reason) => say("on", { platforms, reason }), joined);
  }

  /** About how many bytes the affected sets of some releases' trains are that are not here yet. @param {string} product @param {Release[]} wanted */
  missing(product, wanted) {
    const trains = new Set(wanted.filter(({ id }) => !this.has(product, id)).map(({ train }) => train));
    const most = new Map(); // of a train, the records of the release that most of them affect
    for (const { train, affected } of this.releases.get(product).releases) {
      const records = Object.values(affected ?? {}).flat().reduce((sum, count) => sum + count, 0);
      if (trains.has(train)) most.set(train, Math.max(most.get(train) ?? 0, records));
    }
    return [...most.values()].reduce((sum, records) => sum + HEAD + records * BYTES, 0);
  }

  /** @param {string} product */
  productName(product) {
    return nameOf(this.products.find(({ id }) => id === product), product);
  }

  /** @param {string} product @param {string} platform */
  platformName(product, platform) {
    return nameOf(this.products.find(({ id }) => id === product)?.platforms?.find(({ id }) => id === platform), platform);
  }
}

/** @type {Answers | undefined} */
let own;

/** The answers of this page's portal. */
export const ownAnswers = () => (own ??= new Answers());

/** @param {{names: Record<string, string>} | undefined} item @param {string} otherwise */
function nameOf(item, otherwise) {
  return item?.names[document.documentElement.lang] ?? Object.values(item?.names ?? {})[0] ?? otherwise;
}

/** @param {string[]} names */
function joined(names) {
  return names.length < 2 ? names.join("") : say("and", { first: names.slice(0, -1).join(", "), last: names.at(-1) });
}
