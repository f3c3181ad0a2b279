// Lists of documents: from keys, with scores, joined and met. All are ascending by ordinal.

/** @typedef {{ordinals: Uint32Array, scores: Uint32Array}} Matches documents with what each is worth */

const WORTH = [2, 3, 5, 8]; // by level

/** Larger for rarer keys, in whole numbers. @param {number} documents @param {number} holders */
export function rarity(documents, holders) {
  const share = BigInt(documents + holders) ** 4n / BigInt(holders || 1) ** 4n;
  return Math.max(1, share.toString(2).length);
}

/**
 * One list of several, each document with its highest level.
 * @param {Uint32Array[]} lists of `ordinal * 4 + level`
 * @param {number} documents
 */
export function union(lists, documents) {
  const held = lists.filter((list) => list.length);
  if (held.length < 2) return held[0] ?? new Uint32Array();
  const levels = new Uint8Array(documents);
  let count = 0;
  for (const list of held) {
    for (const value of list) {
      const level = (value & 3) + 1;
      const known = levels[value >>> 2];
      if (!known) count++;
      if (known < level) levels[value >>> 2] = level;
    }
  }
  const all = new Uint32Array(count);
  for (let ordinal = 0, i = 0; i < count; ordinal++) if (levels[ordinal]) all[i++] = ordinal * 4 + levels[ordinal] - 1;
  return all;
}

/** What a list's documents are worth. @param {Uint32Array} list @param {number} documents @returns {Matches} */
export function rated(list, documents) {
  const worth = WORTH.map((level) => level * rarity(documents, list.length));
  const found = flat(list, 0);
  for (let i = 0; i < list.length; i++) found.scores[i] = worth[list[i] & 3];
  return found;
}

/** The same worth for all. @param {Uint32Array} list @param {number} score @returns {Matches} */
export function flat(list, score) {
  const ordinals = new Uint32Array(list.length);
  for (let i = 0; i < list.length; i++) ordinals[i] = list[i] >>> 2;
  return { ordinals, scores: new Uint32Array(list.length).fill(score) };
}

/** What all hold, with the sums of the scores, the rarest first. @param {Matches[]} all @returns {Matches} */
export function meet(all) {
  const [first, ...others] = [...all].sort((a, b) => a.ordinals.length - b.ordinals.length);
  return others.reduce((met, other) => pick(met, other, true), first);
}

/** What the other does not hold. @param {Matches} all @param {Matches} other @returns {Matches} */
export function without(all, other) {
  return pick(all, other, false);
}

/** @param {Matches} all @param {Matches} other @param {boolean} wanted whether in the other @returns {Matches} */
function pick(all, other, wanted) {
  const ordinals = new Uint32Array(all.ordinals.length);
  const scores = new Uint32Array(all.ordinals.length);
  let kept = 0;
  let j = 0;
  for (let i = 0; i < all.ordinals.length; i++) {
    const ordinal = all.ordinals[i];
    if (other.ordinals[j] < ordinal) j = seek(other.ordinals, ordinal, j);
    const held = other.ordinals[j] === ordinal;
    if (held !== wanted) continue;
    ordinals[kept] = ordinal;
    scores[kept++] = all.scores[i] + (held ? other.scores[j] : 0);
  }
  return { ordinals: ordinals.subarray(0, kept), scores: scores.subarray(0, kept) };
}

/** First place from `start` on where a number is not below the wanted one: in doubling steps, then by halves. */
function seek(numbers, wanted, start) {
  let step = 1;
  let low = start;
  while (low + step < numbers.length && numbers[low + step] < wanted) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, numbers.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What either holds, with the sums of the scores. @param {Matches} a @param {Matches} b @returns {Matches} */
export function join(a, b) {
  if (!b.ordinals.length) return a;
  if (!a.ordinals.length) return b;
  const length = a.ordinals.length + b.ordinals.length;
  const ordinals = new Uint32Array(length);
  const scores = new Uint32Array(length);
  let count = 0;
  for (let i = 0, j = 0; i < a.ordinals.length || j < b.ordinals.length; count++) {
    const x = a.ordinals[i] ?? Infinity;
    const y = b.ordinals[j] ?? Infinity;
    ordinals[count] = Math.min(x, y);
    if (x <= y) scores[count] += a.scores[i++];
    if (y <= x) scores[count] += b.scores[j++];
  }
  return { ordinals: ordinals.subarray(0, count), scores: scores.subarray(0, count) };
}

/**
 * Places in the list of ordinals, by descending rank, then by descending ordinal.
 * @param {Uint32Array} ordinals ascending
 * @param {ArrayLike<number>} ranks whole numbers
 */
export function ordered(ordinals, ranks) {
  const { length } = ordinals;
  const keys = new Float64Array(length);
  let rising = true;
  for (let place = 0; place < length; place++) {
    keys[place] = ranks[place] * length + place;
    if (place && keys[place] < keys[place - 1]) rising = false;
  }
  if (!rising) keys.sort(); // as numbers, in native code
  const places = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const key = keys[length - 1 - i];
    places[i] = key - Math.floor(key / length) * length;
  }
  return places;
}

/** What stands at the places, in their order. @param {Uint32Array} numbers @param {Uint32Array} places */
export function taken(numbers, places) {
  const found = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) found[i] = numbers[places[i]];
  return found;
}
