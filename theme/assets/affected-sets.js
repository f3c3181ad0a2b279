/**
 * Answers out of affected sets (docs/api.md): those of generator/network/matching.py.
 * @typedef {number[]} Row first affected release and the one after the last, reason, and the set of platforms where it is not the record's
 * @typedef {{product: string, train: string, releases: string[], kinds: [string, string][], platforms: string[], sets: (number[] | null)[],
 *   reasons: Record<string, string[]>, cases: Row[][], records: {ids: string, kinds: number[], cases: number[], sets: number[], cards: number[]}}} AffectedSet
 * @typedef {{id: string, kind: string, severity: string, card: number, reason: number, platforms: string[]}} Match a record that affects
 *   a release: its number in the search index, the place of the reason, the platforms that it is true of where nobody said which
 */

/** An affected set, ready for questions. */
export class Matcher {
  /** @param {AffectedSet} found */
  constructor(found) {
    this.found = found;
    this.places = new Map(found.releases.map((release, place) => [release, place]));
    this.sets = found.sets.map((places) => places && places.map((place) => found.platforms[place]));
    const { ids, kinds, cases, sets, cards } = found.records;
    /** @type {Map<string, [number, number]>} */
    this.said = new Map(); // case and set of records, each once
    let card = 0;
    this.records = (ids ? ids.split(" ") : []).map((id, at) => {
      const told = `${cases[at]} ${sets[at]}`;
      this.said.set(told, [cases[at], sets[at]]);
      return { id, kind: found.kinds[kinds[at]], told, card: (card += cards[at]) };
    });
  }

  /**
   * The records that affect a release of this train, in the order of the search index. Throws RangeError for other releases.
   * @param {string} release
   * @param {string | null} platform
   * @returns {Match[]}
   */
  matches(release, platform = null) {
    const place = this.places.get(release);
    if (place === undefined) throw new RangeError(release);
    const answers = new Map([...this.said].map(([told, [number, own]]) => [told, this.#answer(number, own, place, platform)]));
    return this.records.flatMap(({ id, kind: [kind, severity], told, card }) => {
      const answer = answers.get(told);
      return answer ? [{ id, kind, severity, card, ...answer }] : [];
    });
  }

  /**
   * What a case says of a release; null where it is not affected.
   * @param {number} number of the case
   * @param {number} own set of the record
   * @param {number} place
   * @param {string | null} platform
   */
  #answer(number, own, place, platform) {
    const rows = this.found.cases[number];
    const namesOf = (/** @type {Row} */ [, , , on = own]) => this.sets[on];
    const told = platform === null ? rows.filter((row) => namesOf(row) === null) : [];
    for (const row of told.length ? told : rows) {
      const [first, end, reason] = row;
      const names = namesOf(row);
      if (place < first || place >= end) continue;
      if (platform === null) return { reason, platforms: names ?? [] };
      if (names && (!names.length || names.includes(platform))) return { reason, platforms: [] };
    }
    return null;
  }
}

/**
 * Why a record affects a device.
 * @param {Match} match
 * @param {string[]} reasons of the set, in the reader's language
 * @param {(platform: string) => string} nameOf
 * @param {(platforms: string, reason: string) => string} on says "on {platforms}: {reason}"
 * @param {(names: string[]) => string} join says "A, B and C"
 */
export function reasonText(match, reasons, nameOf, on, join) {
  const text = reasons[match.reason];
  return match.platforms.length ? on(join(match.platforms.map(nameOf)), text) : text;
}
