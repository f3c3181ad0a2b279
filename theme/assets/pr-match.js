// Which documents hold a word or a phrase, and what that is worth (docs/pr-index.md, "What a query means").
import { compare, Table, cached, json, longList, partName, places, postings } from "./pr-files.js";
import { flat, join, meet, rated, union } from "./pr-lists.js";
import { nameKey, pieces, stem, STOP, tokens } from "./pr-words.js";

/** @typedef {import("./pr-lists.js").Matches} Matches */
/** @typedef {import("./pr-query.js").Words} Words */
/** @typedef {{matches: Matches | null, terms: string[], corrections: [string, string][]}} Found with what was searched instead */

const NAMED = 1000;
const BEGINNING = 3; // letters at least
const ALIKE = 8; // words at most that stand for one with a typing error
const LETTERS = /^\p{L}{4,}$/u;

/** The keys of an index and what documents they have. */
export class Keys {
  /** @param {import("./pr-files.js").Load} load a file, by its path below the index */
  static async open(load) {
    const file = cached(load);
    return new Keys(json(await file("root.json")), file);
  }

  constructor(root, file) {
    this.root = root;
    this.documents = root.documents;
    this.file = file;
    this.table = new Table("t", root.t, file);
    this.places = new Table("p", root.p, file);
    this.words = new Table("v", root.v, file);
    this.backwards = new Table("w", root.w, file);
    this.names = new Table("m", root.m, file);
  }

  /** Documents of a key. @param {string} key */
  async list(key) {
    const span = await this.table.find(key);
    return span ? postings(span) : new Uint32Array();
  }

  /** Documents of all of the keys. @param {Iterable<string>} keys */
  async lists(keys) {
    return union(await Promise.all(Array.from(keys, (key) => this.list(key))), this.documents);
  }

  /** Documents of all keys that begin so. @param {string} beginning */
  async beginning(beginning) {
    const [first, last] = this.table.parts(beginning);
    const long = last > first ? this.root.x.filter((prefix) => prefix.startsWith(beginning)) : [];
    if (long.length) return longList(await this.file(`x/${partName(long.reduce((a, b) => (b.length < a.length ? b : a)))}.bin`));
    return union((await this.table.range(beginning)).map(([, span]) => postings(span)), this.documents);
  }

  /**
   * The values of a facet with their documents, sorted.
   * @param {string} name
   * @param {string} from the first that is wanted
   * @returns {Promise<[string, Uint32Array][]>}
   */
  async facet(name, from = "") {
    const beginning = `=${name}:`;
    const found = await this.table.range(beginning, [this.table.index(beginning + from), this.table.parts(beginning)[1]]);
    return found.filter(([key]) => compare(key, beginning + from) >= 0).map(([key, span]) => [key.slice(beginning.length), postings(span)]);
  }

  /**
   * Names that hold a digit in their order, as many on either side of a name as are wanted at least.
   * @param {string} name
   * @param {number} count
   */
  async namesAround(name, count) {
    const { starts } = this.table;
    let low = this.table.index(`#${name}`);
    for (let high = low; ;) {
      const found = (await this.table.range("#", [low, high])).map(([key]) => key.slice(1)).filter(isCompared);
      const below = found.filter((other) => compare(other, name) < 0).length;
      const least = low > 0 && below < count && compare(starts[low], "#") > 0 ? low - 1 : low;
      const most = found.length - below < count && compare(starts[high + 1] ?? "~", "$") < 0 ? high + 1 : high;
      if (least === low && most === high) return { below: found.slice(Math.max(0, below - count), below), after: found.slice(below, below + count) };
      [low, high] = [least, most];
    }
  }

  /**
   * Names that are numbers of as many digits as the wanted one, at least the three next to it on either side; with their documents.
   * @param {string} wanted digits
   * @returns {Promise<[string, Uint32Array][]>}
   */
  async numbersAround(wanted) {
    const { starts } = this.table;
    let low = this.table.index(`#${wanted}`);
    for (let high = low; ;) {
      const found = (await this.table.range("#", [low, high])).filter(([key]) => key.length === wanted.length + 1 && /^#[0-9]+$/.test(key));
      const below = found.filter(([key]) => key.slice(1) < wanted).length;
      const least = low > 0 && below < 3 && compare(starts[low], "#0") > 0 ? low - 1 : low;
      const most = found.length - below < 4 && compare(starts[high + 1] ?? "~", `#${"9".repeat(wanted.length)}`) <= 0 ? high + 1 : high;
      if (least === low && most === high) return found.map(([key, span]) => [key.slice(1), postings(span)]);
      [low, high] = [least, most];
    }
  }
}

/** Whether others are compared with a name. @param {string} name */
export function isCompared(name) {
  return /[0-9]/.test(name) && [...name].length <= 64;
}

/**
 * Documents that match words or a phrase; null where they ask nothing.
 * @param {Keys} keys
 * @param {Words} words
 * @returns {Promise<Found>}
 */
export async function matching(keys, words) {
  const [named, found] = await Promise.all([names(keys, words.text), words.phrase ? phrase(keys, words) : word(keys, words)]);
  const name = flat(named, NAMED);
  return { ...found, matches: found.matches ? join(found.matches, name) : named.length ? name : null };
}

/** Documents of a name. @param {Keys} keys @param {string} text */
async function names(keys, text) {
  const name = nameKey(text);
  const exact = await keys.list(`#${name}`);
  return exact.length || !/\p{Nd}/u.test(name) || [...name].length < BEGINNING ? exact : keys.beginning(`#${name}`);
}

/** @param {Keys} keys @param {Words} words @returns {Promise<Found>} */
async function word(keys, words) {
  const cut = tokens(words.text);
  const parts = await Promise.all(cut.map(async ({ token, pieces: own }, number) => {
    const begins = Boolean(words.prefix) && number === cut.length - 1;
    if (own.length > 1) {
      const whole = await holders(keys, token, token, begins);
      if (whole.length) return { matches: rated(whole, keys.documents), terms: [token], corrections: [] };
    }
    return together(await Promise.all(own.map((piece, at) => pieceOf(keys, piece, begins && at === own.length - 1, words))));
  }));
  return together(parts);
}

/** What all match, with all that is to be told. @param {Found[]} all @returns {Found} */
function together(all) {
  const matches = all.map((one) => one.matches).filter((one) => one !== null);
  return {
    matches: matches.length ? meet(matches) : null, terms: all.flatMap((one) => one.terms), corrections: all.flatMap((one) => one.corrections),
  };
}

/**
 * Documents of a key, and of those that begin as is written.
 * @param {Keys} keys
 * @param {string} key may be empty
 * @param {string} written
 * @param {boolean} begins
 */
async function holders(keys, key, written, begins) {
  const beginning = begins && [...written].length >= BEGINNING;
  const own = key && !(beginning && key.startsWith(written)) ? [keys.list(key)] : [];
  return union(await Promise.all(beginning ? [...own, keys.beginning(written)] : own), keys.documents);
}

/** @param {Keys} keys @param {string} piece @param {boolean} begins @param {Words} words @returns {Promise<Found>} */
async function pieceOf(keys, piece, begins, words) {
  const key = STOP.has(piece) ? "" : stem(piece);
  const list = await holders(keys, key, piece, begins);
  if (!key && !list.length) return { matches: null, terms: [], corrections: [] };
  const alike = list.length || words.excluded || !LETTERS.test(piece) ? [] : await similar(keys, piece);
  if (!alike.length) return { matches: rated(list, keys.documents), terms: begins ? [key, piece] : [key], corrections: [] };
  const meant = [...new Set(alike.flatMap((known) => [known, stem(known)]))];
  return { matches: rated(await keys.lists(meant), keys.documents), terms: meant, corrections: [[piece, alike[0]]] };
}

/**
 * Known words, the most frequent first, that one typing error turns into the piece. Cut anywhere, the error leaves its first or its last part whole, but
 * where it swaps the letters at the cut; so both tables of words serve, cut where fewest of their parts are wanted.
 * @param {Keys} keys
 * @param {string} piece
 */
export async function similar({ words, backwards }, piece) {
  const found = await alike([...piece], words, backwards, "");
  const magnitude = (/** @type {import("./pr-files.js").Span} */ span) => span.bytes[span.at];
  return [...found].sort(([a, one], [b, other]) => magnitude(other) - magnitude(one) || compare(a, b)).slice(0, ALIKE).map(([word]) => word);
}

/**
 * The keys of a table that one edit turns into a word, with what stands for each.
 * @param {string[]} letters
 * @param {Table} words
 * @param {Table} backwards the same spelt backwards, without the mark
 * @param {string} mark with which all of those in `words` begin
 */
export async function alike(letters, words, backwards, mark) {
  const reversed = (/** @type {string} */ text) => [...text].reverse().join("");
  let best = { cost: Infinity, front: "", back: "", cut: 0 };
  const middle = letters.length >> 1;
  for (let step = 1; step < letters.length; step++) {
    const cut = middle + (step % 2 ? step - 1 : -step) / 2;
    if (cut < 1 || cut >= letters.length) continue;
    const [front, back] = [letters.slice(0, cut).join(""), letters.slice(cut).reverse().join("")];
    const cost = [words.parts(mark + front), backwards.parts(back)].reduce((sum, [first, last]) => sum + last - first, 0);
    if (cost < best.cost) best = { cost, front, back, cut };
  }
  const { front, back, cut } = best;
  const swapped = [...letters.slice(0, cut - 1), letters[cut], letters[cut - 1], ...letters.slice(cut + 1)].join("");
  const [fronts, backs, swap] = await Promise.all([words.range(mark + front), backwards.range(back), words.find(mark + swapped)]);
  const found = new Map(fronts.map(([word, span]) => [word.slice(mark.length), span]));
  for (const [word, span] of backs) found.set(reversed(word), span);
  if (swap) found.set(swapped, swap);
  return new Map([...found].filter(([word]) => oneEdit(letters, [...word])));
}

/** Whether one letter added, left out or changed, or two neighbours swapped, turn one into the other. @param {string[]} a @param {string[]} b */
export function oneEdit(a, b) {
  if (a.length > b.length) [a, b] = [b, a];
  if (b.length - a.length > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const alike = (i, j) => a.slice(i).join("") === b.slice(j).join("");
  if (a.length < b.length) return alike(start, start + 1);
  if (start === a.length) return false;
  return alike(start + 1, start + 1) || (a[start] === b[start + 1] && a[start + 1] === b[start] && alike(start + 2, start + 2));
}

/** @param {Keys} keys @param {Words} words @returns {Promise<Found>} */
async function phrase(keys, words) {
  const wanted = pieces(words.text).map((piece, at) => ({ at, stem: STOP.has(piece) ? "" : stem(piece) })).filter((item) => item.stem);
  const stems = [...new Set(wanted.map((item) => item.stem))];
  if (!wanted.length) return together([]);
  const [lists, spans] = await Promise.all([
    Promise.all(stems.map((one) => keys.list(one))), wanted.length > 1 ? Promise.all(stems.map((one) => keys.places.find(one))) : []]);
  const all = meet(lists.map((list) => rated(list, keys.documents)));
  return { matches: wanted.length > 1 ? following(all, wanted, stems, spans) : all, terms: stems, corrections: [] };
}

/**
 * Those of the documents in which the stems stand at the distances that the phrase has.
 * @param {Matches} all
 * @param {{at: number, stem: string}[]} wanted
 * @param {string[]} stems
 * @param {(import("./pr-files.js").Span | null)[]} spans of the stems' places
 * @returns {Matches}
 */
function following({ ordinals, scores }, wanted, stems, spans) {
  const standing = stems.map((_, i) => places(spans[i], ordinals));
  const [first, ...others] = wanted.map((item) => ({ distance: item.at - wanted[0].at, ...standing[stems.indexOf(item.stem)] }));
  const kept = ordinals.map((_, i) => {
    for (let at = first.starts[i]; at < first.starts[i + 1]; at++) {
      const place = first.places[at];
      if (others.every((item) => within(item.places, item.starts[i], item.starts[i + 1], place + item.distance))) return 1;
    }
    return 0;
  });
  return { ordinals: ordinals.filter((_, i) => kept[i]), scores: scores.filter((_, i) => kept[i]) };
}

/** Whether a number stands between two places of an ascending list. */
function within(numbers, start, end, wanted) {
  while (start < end && numbers[start] < wanted) start++;
  return start < end && numbers[start] === wanted;
}
