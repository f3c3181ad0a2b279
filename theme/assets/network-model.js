/**
 * What an inventory and the affected sets say together; without pages, storage and network.
 * @typedef {import("./affected-sets.js").Match} Match
 * @typedef {{name: string, product: string, platform?: string, release: string, serial?: string, site?: string, tags?: string[], checked?: boolean, key?: string}} Device
 * @typedef {{id: string, train: string, path: string, date?: string, end_of_engineering?: string, end_of_support?: string, recommended?: boolean,
 *   affected?: Record<string, number[]>}} Release
 * @typedef {{id: string, affected: string, released?: string, end_of_engineering?: string, end_of_support?: string, recommended?: string, by_vendor?: boolean}} Train
 * @typedef {{product: string, trains: Train[], releases: Release[]}} Releases what api/v1/releases/PRODUCT.json says
 * @typedef {{key: string, product: string, release: string, platform: string, devices: Device[]}} Group devices with the same answers
 * @typedef {{group: Group, match: Match}} Holder
 * @typedef {{id: string, kind: string, severity: string, card: number, holders: Holder[], devices: number}} Item a record that affects devices
 * @typedef {Record<string, number>} Weights by severity; that of records which say none is under "unrated"
 */

export const SEVERITIES = ["critical", "high", "medium", "low", "none", "unrated"];
export const WEIGHTS = { critical: 100, high: 30, medium: 5, low: 1, none: 0, unrated: 5 };
export const SOON = 180; // days before an end that are told

/** The name of a severity, which is empty where a record says none. @param {{severity: string}} record */
export const severityOf = ({ severity }) => severity || "unrated";

/** What devices with the same answers share; those that are not checked begin with "?". @param {Partial<Device>} device */
export const groupKey = ({ product, release, platform, checked }) => `${checked === false ? "?" : ""}${product}/${release}/${platform ?? ""}`;

/** Devices by what answers depend on. @param {Device[]} devices @returns {Group[]} */
export function groupsOf(devices) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const device of devices) {
    const key = groupKey(device);
    if (!groups.has(key)) groups.set(key, { key, product: device.product, release: device.release, platform: device.platform ?? "", devices: [] });
    groups.get(key).devices.push(device);
  }
  return [...groups.values()];
}

/** How many matches there are of each severity. @param {Match[]} matches @returns {Record<string, number>} */
export function tally(matches) {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0]));
  for (const match of matches) counts[severityOf(match)]++;
  return counts;
}

/** The sum of two tallies, the second one taken so many times. @param {Record<string, number>} one @param {Record<string, number>} other @param {number} times */
export function added(one, other, times = 1) {
  return Object.fromEntries(SEVERITIES.map((severity) => [severity, (one[severity] ?? 0) + (other[severity] ?? 0) * times]));
}

/** The records that affect devices, the worst first, then those that affect the most. @param {Group[]} groups @param {(group: Group) => Match[]} matchesOf @returns {Item[]} */
export function itemsOf(groups, matchesOf) {
  /** @type {Map<string, Item>} */
  const items = new Map();
  for (const group of groups) {
    for (const match of matchesOf(group)) {
      let item = items.get(match.id);
      if (!item) items.set(match.id, item = { id: match.id, kind: match.kind, severity: severityOf(match), card: match.card, holders: [], devices: 0 });
      item.holders.push({ group, match });
      item.devices += group.devices.length;
    }
  }
  return [...items.values()].sort((one, other) => rank(one) - rank(other) || other.devices - one.devices || other.card - one.card);
}

/** Place of a severity, the worst first. @param {{severity: string}} record */
export const rank = (record) => SEVERITIES.indexOf(severityOf(record));

/** Weighted sum of a tally. @param {Record<string, number>} counts @param {Weights} weights */
export function exposure(counts, weights) {
  return SEVERITIES.reduce((sum, severity) => sum + (counts[severity] ?? 0) * (weights[severity] ?? 0), 0);
}

/** What going from one release to another changes. @param {Match[]} before @param {Match[]} after */
export function difference(before, after) {
  const [held, holds] = [before, after].map((matches) => new Set(matches.map(({ id }) => id)));
  return { fixed: before.filter(({ id }) => !holds.has(id)), introduced: after.filter(({ id }) => !held.has(id)), remaining: after.filter(({ id }) => held.has(id)) };
}

/** Days from one day to another. @param {string} from @param {string} to */
export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/**
 * How long a release is cared for: what comes next or came last, and in how many days.
 * @param {Release} release
 * @param {string} today
 * @returns {{state: "ended" | "limited" | "ending" | "supported" | "planned" | "open", day: string, days: number}}
 */
export function standing({ date, end_of_engineering: engineering, end_of_support: support }, today) {
  const told = (state, day) => ({ state, day: day ?? "", days: day ? daysBetween(today, day) : 0 });
  if (date && date > today) return told("planned", date);
  if (support && support < today) return told("ended", support);
  if (support && daysBetween(today, support) <= SOON) return told("ending", support);
  if (engineering && engineering < today) return told("limited", engineering);
  return support ? told("supported", support) : told("open");
}

/** Whether somebody may run a release: it is out and its support goes on. @param {Release} release @param {string} today */
export const isSupported = (release, today) => !["planned", "ended"].includes(standing(release, today).state);

/**
 * The release that a device should run: that of its train, if support of the train does not end soon; else that of the latest train of
 * which this is true, one of the vendor's choice before others. Empty where the device runs that or a later one of its train, or where
 * there is nothing better.
 * @param {Releases} releases
 * @param {string} own
 * @param {string} today
 */
export function recommendedFor({ trains, releases }, own, today) {
  const places = new Map(releases.map(({ id }, place) => [id, place]));
  const place = places.get(own);
  if (place === undefined) return "";
  const stateOf = (train) => (train.recommended ? standing(releases[places.get(train.recommended)], today).state : "ended");
  const lasts = (train) => !["planned", "ended", "ending"].includes(stateOf(train));
  const train = trains.find(({ id }) => id === releases[place].train);
  const better = places.get(train?.recommended) > place ? train.recommended : "";
  if (train && lasts(train)) return better;
  const later = trains.filter((one) => lasts(one) && places.get(one.recommended) > place);
  return (later.findLast((one) => one.by_vendor) ?? later.at(-1))?.recommended ?? (train && stateOf(train) === "ending" ? better : "");
}

/**
 * The supported releases of a product by what would be open on a group of its devices, the least first; of those alike the one that the
 * vendor recommends, then the latest.
 * @param {Releases} releases
 * @param {Group[]} groups of this product
 * @param {Weights} weights
 * @param {string} today
 * @param {(release: Release, platform: string) => Match[]} matchesOn
 */
export function ranking({ releases }, groups, weights, today, matchesOn) {
  const places = new Map(releases.map(({ id }, place) => [id, place]));
  const devices = groups.reduce((sum, group) => sum + group.devices.length, 0);
  const platforms = new Map(); // platform -> number of devices
  for (const { platform, devices: own } of groups) platforms.set(platform, (platforms.get(platform) ?? 0) + own.length);
  const rows = releases.filter((release) => isSupported(release, today)).map((release) => {
    let counts = {};
    for (const [platform, number] of platforms) counts = added(counts, tally(matchesOn(release, platform)), number);
    const place = places.get(release.id);
    const later = groups.reduce((sum, group) => sum + ((places.get(group.release) ?? -1) > place ? group.devices.length : 0), 0);
    return { release, counts, exposure: exposure(counts, weights), later, devices, place };
  });
  const vendor = ({ release }) => Number(Boolean(release.recommended));
  return rows.sort((one, other) => one.exposure - other.exposure || vendor(other) - vendor(one) || other.place - one.place);
}

/**
 * The records of each group that were not there at the last visit; null where there was none.
 * @param {Record<string, string> | null} before ids joined by blanks, by key of the group
 * @param {Group[]} groups
 * @param {(group: Group) => Match[]} matchesOf
 * @returns {Set<string> | null} `KEY ID`
 */
export function news(before, groups, matchesOf) {
  if (!before) return null;
  const found = new Set();
  for (const group of groups) {
    const known = new Set((before[group.key] ?? "").split(" "));
    for (const { id } of matchesOf(group)) if (!known.has(id)) found.add(`${group.key} ${id}`);
  }
  return found;
}

/** What `news` will want to know at the next visit. @param {Group[]} groups @param {(group: Group) => Match[]} matchesOf */
export function remembered(groups, matchesOf) {
  return Object.fromEntries(groups.map((group) => [group.key, matchesOf(group).map(({ id }) => id).join(" ")]));
}
