/**
 * Answers out of affected sets (docs/api.md): those of generator/network/matching.py.
 * @typedef {[number, number, number, number]} Row first affected release and the one after the last, reason, platforms
 * @typedef {{product: string, train: string, releases: string[], kinds: [string, string][], platforms: (string[] | null)[],
 *   reasons: Record<string, string[]>, cases: Row[][], records: {ids: string, kinds: number[], cases: number[], cards: number[]}}} AffectedSet
 * @typedef {{id: string, kind: string, severity: string, card: number, reason: number, platforms: string[]}} Match a record that affects
 *   a release: its number in the search index, the place of the reason, the platforms that it is true of where nobody said which
 */

/** An affected set, ready for questions. */
export class Matcher {
  /** @param {AffectedSet} found */
  constructor(found) {
    this.found = found;
    this.places = new Map(found.releases.map((release, place) => [release, place]));
    const { ids, kinds, cases, cards } = found.records;
    let card = 0;
    this.records = (ids ? ids.split(" ") : []).map((id, at) => ({ id, kind: found.kinds[kinds[at]], told: cases[at], card: (card += cards[at]) }));
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
    const answers = this.found.cases.map((_, number) => this.#answer(number, place, platform));
    return this.records.flatMap(({ id, kind: [kind, severity], told, card }) => {
      const answer = answers[told];
      return answer ? [{ id, kind, severity, card, ...answer }] : [];
    });
  }

  /** What a case says of a release; null where it is not affected. @param {number} number @param {number} place @param {string | null} platform */
  #answer(number, place, platform) {
    const sets = this.found.platforms;
    let rows = this.found.cases[number];
    if (platform === null) {
      const told = rows.filter((row) => sets[row[3]] === null);
      if (told.length) rows = told;
    }
    for (const [first, end, reason, on] of rows) {
      const names = sets[on];
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
