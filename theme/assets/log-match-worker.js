// Reads a log and finds the records that quote its messages, beside the page. Nothing of the log is sent anywhere: what is fetched are
// parts of the index. The page ends the worker to cancel.
import { readDevice } from "./log-device.js";
import { inTurn, readLog } from "./log-lines.js";
import { rank } from "./log-rank.js";
import { affectedIn } from "./pr-filter.js";
import { prIndex } from "./pr-open.js";

/** @typedef {"affected" | "fixed" | "not listed" | ""} Standing */
/** @typedef {import("./log-device.js").Device} Device */
/**
 * @typedef {{card: import("./pr-index.js").Card, score: number, messages: import("./log-lines.js").Message[], standing: Standing}} Incident
 * @typedef {{lines: number, messages: number, full: boolean, asked: number, device: Device, incidents: Incident[], priority: number,
 *   damaged: boolean, worst: import("./log-lines.js").Message[]}} Matched `worst` are messages with trouble
 */

const MOST = 20; // records
const MOST_WORST = 20; // messages
const LEAST_SHARE = 10; // of the best score, a record has this part at least
const SEVERITIES = ["critical", "high", "medium", "low"];
const RELEASED = ["report", "advisory", "notice"]; // kinds that say which releases they affect
const ELSEWHERE = ["draft", "duplicate", "withdrawn", "superseded"];
const PIECE = 1 << 18; // bytes
const PAUSE = 100; // ms between two reports of progress

globalThis.onmessage = async ({ data: { log, given } }) => {
  try {
    postMessage({ matched: await match(log, given) });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};

/** @param {Blob} log @param {Partial<Device>} given @returns {Promise<Matched>} */
async function match(log, given) {
  const opening = prIndex();
  opening.catch(() => {}); // told when it is awaited
  const damage = { found: false };
  let told = 0;
  const read = await readLog(pieces(log, damage, (done) => {
    if (performance.now() - told < PAUSE) return;
    told = performance.now();
    postMessage({ done, total: log.size });
  }));
  postMessage({ looking: read.messages.length });
  const index = await opening;
  const options = await index.options();
  const device = deviceOf(read.facts, options.products, given);
  const { found, asked } = await rank(index.keys, read.messages);
  const shown = found.slice(0, MOST).filter(({ score }) => score * LEAST_SHARE >= found[0].score);
  const [cards, standings] = await Promise.all([index.cards(shown.map(({ ordinal }) => ordinal)), standingsIn(index, options, device)]);
  const incidents = shown.map(({ score, messages }, at) => ({ card: cards[at], score, messages, standing: standings(cards[at]) }));
  const level = Math.max(0, ...read.messages.map((message) => message.level));
  return { lines: read.lines, messages: read.messages.length, full: read.full, asked, device, incidents,
    priority: priorityOf(level, incidents), damaged: damage.found,
    worst: inTurn(read.messages).filter((message) => message.level).slice(0, MOST_WORST) };
}

/**
 * The bytes of a log in pieces, unpacked where it is a gzip file; of a damaged one, what can be read.
 * @param {Blob} log
 * @param {{found: boolean}} damage
 * @param {(done: number) => void} progress bytes of the file
 */
async function* pieces(log, damage, progress) {
  const magic = new Uint8Array(await log.slice(0, 2).arrayBuffer());
  const read = slices(log, progress);
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) {
    yield* read;
    return;
  }
  const packed = new ReadableStream({
    async pull(controller) {
      const { done, value } = await read.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch {
    damage.found = true;
  }
}

/** A file piece by piece; its own stream would run ahead and fill the memory. @param {Blob} log @param {(done: number) => void} progress */
async function* slices(log, progress) {
  for (let at = 0; at < log.size; at += PIECE) {
    yield new Uint8Array(await log.slice(at, at + PIECE).arrayBuffer());
    progress(Math.min(log.size, at + PIECE));
  }
}

/** @param {string[]} facts @param {any[]} products @param {Partial<Device>} given @returns {Device} */
function deviceOf(facts, products, given) {
  const read = readDevice(facts, products, given.product ?? "");
  const same = !given.product || given.product === read.product;
  return {
    product: given.product || read.product, release: given.release || (same ? read.release : ""),
    platform: given.platform || (same ? read.platform : ""), serial: given.serial || read.serial,
  };
}

/**
 * A function that tells what a record says of the device's release.
 * @param {Awaited<ReturnType<typeof prIndex>>} index
 * @param {any} options
 * @param {Device} device
 * @returns {Promise<(card: import("./pr-index.js").Card) => Standing>}
 */
async function standingsIn(index, options, { product, release, platform }) {
  const known = options.products.find(({ id }) => id === product)?.releases.some(({ id }) => id === release);
  if (!known) return () => "";
  const [affected, listed] = await Promise.all([
    affectedIn(index.keys, options, product, release, platform), index.keys.list(`=fixed:${product}/${release.toLowerCase()}`)]);
  const [affecting, fixed] = [new Set(affected.ordinals), new Set(Array.from(listed, (value) => value >>> 2))];
  return ({ ordinal, kind, status, products }) => {
    if (!products.includes(product)) return "";
    if (affecting.has(ordinal)) return "affected";
    if (fixed.has(ordinal)) return "fixed";
    return RELEASED.includes(kind) && !ELSEWHERE.includes(status) ? "not listed" : "";
  };
}

/** By the worst record that is known to affect the device, else by the worst message of the log. @param {number} level @param {Incident[]} incidents */
function priorityOf(level, incidents) {
  const worst = incidents.filter(({ standing }) => standing === "affected").map(({ card }) => SEVERITIES.indexOf(card.severity) + 1).filter(Boolean);
  return worst.length ? Math.min(...worst) : [4, 3, 2][level];
}
