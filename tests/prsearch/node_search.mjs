// The modules of PR Search and what goes with it, for tests/answering.mjs.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { answer, own } from "../answering.mjs";

const { compare, partName, postings, Table, unpack } = await own("pr-files.js");
const { openIndex, QueryError } = await own("pr-index.js");
const { oneEdit } = await own("pr-match.js");
const { FILTERS, nearest, parseQuery } = await own("pr-query.js");
const { join, meet, ordered, rarity, union, without } = await own("pr-lists.js");
const { isIdLike, lookUpIn, nearness } = await own("names.js");
const { asked, isMessage, quoting, wordsOf } = await own("messages.js");
const { decoded, readLog } = await own("log-lines.js");
const { rank } = await own("log-rank.js");
const { readDevice } = await own("log-device.js");
const { nameKey, normalise, pieces, stem, STOP, tokens } = await own("pr-words.js");
const { verdictOn } = await own("affected.js");
const { parseRelease } = await own("release-key.js");

const { foundIn, requestBody } = await own("opensearch.js");

const indexes = new Map(); // folder -> {index, loaded: paths}

function opened(folder) {
  if (!indexes.has(folder)) {
    const loaded = [];
    const index = openIndex(async (path) => {
      loaded.push(path);
      return new Uint8Array(await readFile(`${folder}/${path}`));
    });
    indexes.set(folder, index.then((made) => ({ index: made, loaded })));
  }
  return indexes.get(folder);
}

function query(text) {
  try {
    return parseQuery(text);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { name: error.name, value: error.value, reason: error.reason, guess: error.guess };
  }
}

const matches = (pairs) => ({ ordinals: Uint32Array.from(pairs, ([o]) => o), scores: Uint32Array.from(pairs, ([, s]) => s) });
const pairs = ({ ordinals, scores }) => Array.from(ordinals, (ordinal, i) => [ordinal, scores[i]]);

const functions = {
  stems: (words) => words.map(stem),
  words: (text) => ({ normalised: normalise(text), tokens: tokens(text), pieces: pieces(text), name: nameKey(text) }),
  stopWords: () => [...STOP],
  filters: () => FILTERS,
  query,
  nearest,
  oneEdit: (a, b) => oneEdit([...a], [...b]),
  sorted: (texts) => texts.sort(compare),
  ordered: (ordinals, ranks) => [...ordered(Uint32Array.from(ordinals), ranks)],
  rarity,
  partName,
  meet: (all) => pairs(meet(all.map(matches))),
  join: (a, b) => pairs(join(matches(a), matches(b))),
  without: (a, b) => pairs(without(matches(a), matches(b))),
  union: (lists, documents) => [...union(lists.map((list) => Uint32Array.from(list)), documents)],
  unpack: async (text, packed) => Buffer.from(await unpack(packed ? gzipSync(text) : Buffer.from(text))).toString(),
  async table(folder, parts, beginning) { // parts: [first key, hexadecimal bytes]
    const table = new Table(folder, parts.map(([start]) => start), async (path) => {
      const [, data] = parts.find(([start]) => path === `${folder}/${partName(start)}.bin`);
      return Uint8Array.from(Buffer.from(data, "hex"));
    });
    const shown = (span) => span && (folder === "t" ? [...postings(span)] : [...span.bytes.subarray(span.at, span.end)]);
    const range = await table.range(beginning);
    return { found: shown(await table.find(beginning)), range: range.map(([key, span]) => [key, shown(span)]) };
  },
  async search(folder, text, filters, sort) {
    const { index, loaded } = await opened(folder);
    const before = loaded.length;
    const start = performance.now();
    try {
      const { ordinals, scores, corrections, terms } = await index.search(text, filters, { sort });
      const time = performance.now() - start;
      return { ordinals: [...ordinals], scores: [...scores], corrections, terms, time, loaded: loaded.slice(before) };
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return { wrong: [error.name, error.value, error.reason, error.guess] };
    }
  },
  cards: async (folder, ordinals) => (await opened(folder)).index.cards(ordinals),
  counts: async (folder, ordinals, facet) => (await opened(folder)).index.counts(ordinals, facet),
  async compare(folder, ...wanted) {
    const found = await (await opened(folder)).index.compare(...wanted);
    return Object.fromEntries(Object.entries(found).map(([name, ordinals]) => [name, [...ordinals]]));
  },
  nearestNames: async (folder, number) => (await opened(folder)).index.nearest(number),
  async lookUp(folder, products, query) {
    const { index, loaded } = await opened(folder);
    const before = loaded.length;
    const { found, unknown, near } = await lookUpIn(index, products, query);
    const shown = (target) => ("release" in target ? [-1, target.product[0], target.release] : [target.ordinal, "", ""]);
    return { found: found.map(shown), unknown, near: near.map(shown), loaded: loaded.slice(before) };
  },
  isIdLike,
  message: (text) => ({ ...wordsOf(normalise(text)), asked: asked(text), isMessage: isMessage(text) }),
  async quoting(folder, text) {
    const { index, loaded } = await opened(folder);
    const before = loaded.length;
    const found = await quoting(index.keys, asked(text));
    return { found: found.map(({ ordinal, score }) => [score, ordinal]), loaded: loaded.slice(before) };
  },
  decoded: (hex) => decoded(Uint8Array.from(Buffer.from(hex, "hex"))),
  log: async (pieces) => readLog(pieces.map((hex) => Uint8Array.from(Buffer.from(hex, "hex")))),
  async ranked(folder, hex) {
    const { index, loaded } = await opened(folder);
    const before = loaded.length;
    const { messages } = await readLog([Uint8Array.from(Buffer.from(hex, "hex"))]);
    const { found, asked } = await rank(index.keys, messages);
    return { found: found.map((one) => [one.ordinal, one.score, one.messages.map(({ line }) => line)]), asked, loaded: loaded.slice(before) };
  },
  device: (facts, products, product) => readDevice(facts, products, product),
  nearness,
  parseRelease,
  verdicts: (verdicts, product, releases, platform) => releases.map((release) => verdictOn(verdicts, product, release, platform)),
  requestBody,
  foundIn,
  loaded: async (folder) => (await opened(folder)).loaded,
};

await answer(functions);
