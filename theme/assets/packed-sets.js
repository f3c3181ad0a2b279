import { Reader, unpack } from "./pr-files.js";

/** An affected set out of its packed form (docs/api.md). @param {Uint8Array} bytes @returns {Promise<import("./affected-sets.js").AffectedSet>} */
export async function unpackedSet(bytes) {
  const data = await unpack(bytes);
  const read = new Reader(data);
  const length = read.varint();
  const { records: count, numberings, ...found } = JSON.parse(new TextDecoder().decode(data.subarray(read.at, read.at += length)));
  const column = () => Array.from({ length: count }, () => read.varint());
  const [kinds, cases, cards, places, differences, sizes] = [column(), column(), column(), column(), column(), column()];
  const known = new Map(found.sets.map((set, place) => [set === null ? "" : `,${set}`, place]));
  const sets = sizes.map((size) => {
    const set = size ? Array.from({ length: size - 1 }, () => read.varint()) : null;
    const text = set === null ? "" : `,${set}`;
    if (!known.has(text)) known.set(text, found.sets.push(set) - 1);
    return known.get(text);
  });
  return { ...found, records: { ids: written(numberings, cards, places, differences).join(" "), kinds, cases, sets, cards } };
}

/** Ids, whose numbers are foreseen from where the one before of their numbering stands. */
function written(/** @type {[string, number, number][]} */ numberings, /** @type {number[]} */ cards, /** @type {number[]} */ places, /** @type {number[]} */ differences) {
  const last = numberings.map(() => ({ ordinal: -1, number: 0 }));
  let ordinal = 0;
  return places.map((place, at) => {
    ordinal += cards[at];
    const [before, digits, rate] = numberings[place];
    const past = last[place];
    const difference = (differences[at] >>> 1) ^ -(differences[at] & 1);
    const number = past.number + difference + (past.ordinal < 0 ? 0 : rate * (ordinal - past.ordinal));
    last[place] = { ordinal, number };
    return digits ? before + String(number).padStart(digits, "0") : before;
  });
}
