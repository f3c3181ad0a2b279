// Which records quote the messages of a log, ranked (docs/network.md; prsearch/log_match.py ranks the same).
import { inTurn } from "./log-lines.js";
import { FEW_KEYS, LEAST_KEYS, LEAST_SHARE, spread } from "./messages.js";
import { postings } from "./pr-files.js";
import { rarity } from "./pr-lists.js";

/** @typedef {import("./log-lines.js").Message} Message */
/** @typedef {{ordinal: number, score: number, messages: Message[]}} Quoting */

const MOST_KEYS = 12; // keys of a message that are asked for
const MOST_PARTS = 300; // of the table of keys that are read for a log
const MOST_HOLDERS = 2_000; // documents of a key; what more of them quote says little of any
const LEVEL_WORTH = 2; // of a message without trouble; of the others one more for each level

/**
 * The documents that quote some of the messages, the best first; how many messages were asked for.
 * @param {import("./pr-match.js").Keys} keys
 * @param {Message[]} messages
 * @returns {Promise<{found: Quoting[], asked: number}>}
 */
export async function rank(keys, messages) {
  const chosen = asked(keys.table, inTurn(messages));
  const holders = await lists(keys.table, new Set(chosen.flatMap((one) => one.keys)));
  const worthOf = rarities(keys.documents);
  /** @type {Map<number, Map<string, {score: number, message: Message}>>} */
  const found = new Map();
  for (const { message, keys: own } of chosen) {
    for (const { ordinal, score, held } of holding(own, holders, worthOf)) {
      if (!found.has(ordinal)) found.set(ordinal, new Map());
      const worth = score * (LEVEL_WORTH + message.level);
      const of = found.get(ordinal);
      if (!of.has(held) || of.get(held).score < worth) of.set(held, { score: worth, message });
    }
  }
  const ranked = [...found].map(([ordinal, own]) => {
    const worthiest = [...own.values()].sort((a, b) => b.score - a.score || a.message.line - b.message.line);
    return { ordinal, score: worthiest.reduce((sum, { score }) => sum + score, 0), messages: worthiest.map(({ message }) => message) };
  });
  return { found: ranked.sort((a, b) => b.score - a.score || b.ordinal - a.ordinal), asked: chosen.length };
}

/** The messages whose keys stand in the parts that may be read. @param {import("./pr-files.js").Table} table @param {Message[]} messages */
function asked(table, messages) {
  const parts = new Set();
  const found = [];
  for (const message of messages) {
    const keys = spread(message.keys, MOST_KEYS);
    const more = new Set(keys.map((key) => table.index(key)).filter((part) => !parts.has(part)));
    if (parts.size + more.size > MOST_PARTS) continue;
    more.forEach((part) => parts.add(part));
    found.push({ message, keys });
  }
  return found;
}

/** The documents of keys, each part being read once. @param {import("./pr-files.js").Table} table @param {Set<string>} wanted */
async function lists(table, wanted) {
  const parts = new Set([...wanted].map((key) => table.index(key)));
  /** @type {Map<string, Uint32Array>} */
  const found = new Map();
  await Promise.all([...parts].map(async (part) => {
    for (const [key, span] of await table.range("", [part, part])) if (wanted.has(key)) found.set(key, postings(span));
  }));
  return found;
}

/** A function that tells what a key of so many documents is worth. @param {number} documents */
function rarities(documents) {
  const known = new Map();
  return (/** @type {number} */ holders) => {
    if (!known.has(holders)) known.set(holders, rarity(documents, Math.max(1, holders)));
    return known.get(holders);
  };
}

/**
 * The documents that have enough of a message's keys. Of the worth of what a document has, the share counts that this is of all, so
 * that a whole message is worth more than the halves of two.
 * @param {string[]} keys
 * @param {Map<string, Uint32Array>} holders
 * @param {(holders: number) => number} worthOf
 */
function holding(keys, holders, worthOf) {
  /** @type {Map<number, {worth: number, held: string[]}>} */
  const found = new Map();
  let total = 0;
  for (const key of keys) {
    const list = holders.get(key) ?? [];
    const worth = worthOf(list.length);
    total += worth;
    if (list.length > MOST_HOLDERS) continue;
    for (const value of list) {
      const before = found.get(value >>> 2);
      if (!before) found.set(value >>> 2, { worth, held: [key] });
      else {
        before.worth += worth;
        before.held.push(key);
      }
    }
  }
  const least = keys.length > FEW_KEYS ? LEAST_KEYS : 1;
  return [...found].filter(([, { worth, held }]) => worth * LEAST_SHARE >= total && held.length >= least)
    .map(([ordinal, { worth, held }]) => ({ ordinal, score: Math.floor(worth * worth / total), held: held.join() }));
}
