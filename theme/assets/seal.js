import { derive, isValue, keyText, opened, shardName } from "./seal-key.js";

/**
 * Reads sealed tables, `sealed/<table>/` below the portal's root. Nothing that identifies a row leaves the browser but the name of the
 * file that may hold it, which stands for a thousandth of all keys or less.
 * @typedef {import("./seal-key.js").Settings} Settings
 * @typedef {import("./seal-key.js").Found} Found
 */

const VERSION = 1;
const MOST_WORKERS = 8;
const ALONE = 4; // so few keys are derived sooner than workers start

/** Why a table cannot be read: `insecure` (no WebCrypto), `missing`, `unknown` (a format of later), `damaged`, `offline`. */
export class SealError extends Error {
  /** @param {"insecure" | "missing" | "unknown" | "damaged" | "offline"} reason @param {string} detail */
  constructor(reason, detail = "") {
    super(`${reason} ${detail}`.trim());
    this.reason = reason;
  }
}

/** Whether the browser can open sealed tables here: WebCrypto works at https addresses and localhost alone. */
export const canOpen = () => Boolean(globalThis.crypto?.subtle);

const tables = new Map(); // name -> promise of a Table

/** @param {string} name @param {URL} root of the portal @returns {Promise<Table>} */
export function table(name, root = new URL("../", import.meta.url)) {
  if (!tables.has(name)) {
    const reading = read(new URL(`sealed/${name}/`, root));
    tables.set(name, reading);
    reading.catch(() => tables.delete(name)); // the next attempt may succeed
  }
  return tables.get(name);
}

/**
 * What the table says of one key; null where nothing.
 * @param {string} name
 * @param {Record<string, string>} values key fields with what was asked for
 * @returns {Promise<object | null>}
 */
export async function open(name, values) {
  return (await openMany(name, [values]))[0];
}

/**
 * What the table says of many keys, in their order. Keys are derived by workers, and each shard is fetched once.
 * @param {string} name
 * @param {Record<string, string>[]} list
 * @param {(done: number, total: number, index: number, row: object | null) => void} progress
 * @param {AbortSignal} [signal] rejects the promise with its reason
 * @returns {Promise<(object | null)[]>}
 */
export async function openMany(name, list, progress = () => {}, signal = undefined) {
  const read = await table(name);
  const texts = list.map((values) => (Object.values(values).every(isValue) ? read.keyText(values) : ""));
  const rows = new Array(list.length).fill(null);
  let done = 0;
  await deriveAll(read.settings, texts, async (found, index) => {
    signal?.throwIfAborted();
    rows[index] = found && await read.row(found, signal);
    signal?.throwIfAborted();
    progress(++done, list.length, index, rows[index]);
  }, signal);
  return rows;
}

/** A table whose settings are known. */
class Table {
  /** @param {URL} address @param {Settings} settings */
  constructor(address, settings) {
    this.address = address;
    this.settings = settings;
    this.shards = new Map(); // name -> promise of its bytes
  }

  /** The text that a key is derived from. @param {Record<string, string>} values */
  keyText(values) {
    const names = Object.keys(values).sort().join();
    const fields = this.settings.lookups.find((lookup) => [...lookup].sort().join() === names);
    if (!fields) throw new TypeError(`table ${this.settings.table} is not looked up by ${names}`);
    return keyText(this.settings.table, fields, values);
  }

  /** @param {Found} found @param {AbortSignal} [signal] */
  async row(found, signal) {
    return opened(this.settings, await this.#shard(shardName(this.settings, found.locator), signal), found);
  }

  /** @param {string} name @param {AbortSignal} [signal] @returns {Promise<Uint8Array>} */
  #shard(name, signal) {
    if (!this.shards.has(name)) {
      const fetching = fetched(new URL(name, this.address), signal).then(async (answer) => new Uint8Array(await answer.arrayBuffer()));
      const checked = fetching.then((bytes) => {
        if (bytes.length !== this.settings.rows * this.settings.size) throw new SealError("damaged", name);
        return bytes;
      });
      this.shards.set(name, checked);
      checked.catch(() => this.shards.delete(name));
    }
    return this.shards.get(name);
  }
}

/** @param {URL} address @returns {Promise<Table>} */
async function read(address) {
  if (!canOpen()) throw new SealError("insecure");
  const settings = await (await fetched(new URL("table.json", address))).json().catch(() => { throw new SealError("damaged"); });
  if (settings.version !== VERSION) throw new SealError("unknown", String(settings.version));
  return new Table(address, settings);
}

/** @param {URL} address @param {AbortSignal} [signal] */
async function fetched(address, signal) {
  const answer = await fetch(address, { signal }).catch((error) => {
    signal?.throwIfAborted();
    throw new SealError("offline", String(error));
  });
  if (!answer.ok) throw new SealError(answer.status === 404 ? "missing" : "offline", `${answer.status}`);
  return answer;
}

/**
 * Derives all keys and hands each on, a few at a time.
 * @param {Settings} settings
 * @param {string[]} texts
 * @param {(found: Found | null, index: number) => Promise<void>} use gets null for an empty text
 * @param {AbortSignal} [signal]
 */
async function deriveAll(settings, texts, use, signal) {
  let next = 0;
  const work = async (/** @type {(text: string) => Promise<Found>} */ deriver) => {
    while (next < texts.length) {
      signal?.throwIfAborted();
      const index = next++;
      await use(texts[index] ? await deriver(texts[index]) : null, index);
    }
  };
  const most = Math.min(navigator.hardwareConcurrency || 2, MOST_WORKERS, texts.length);
  const workers = texts.length <= ALONE ? [] : Array.from({ length: most }, () => worker(settings));
  try {
    const derivers = workers.length ? workers.flatMap(({ ask }) => [ask, ask]) : [(/** @type {string} */ text) => derive(settings, text)];
    await Promise.all(derivers.map(work));
  } finally {
    next = texts.length;
    for (const { stop } of workers) stop();
  }
}

/** A worker that answers in the order in which it was asked; where none can be had, the page derives itself. @param {Settings} settings */
function worker(settings) {
  const waiting = []; // [text, resolve, reject]
  const started = new Worker(new URL("./seal-worker.js", import.meta.url), { type: "module" });
  let broken = false;
  const here = ([text, resolve, reject]) => derive(settings, text).then(resolve, reject);
  started.addEventListener("message", ({ data }) => waiting.shift()[1](data));
  started.addEventListener("error", () => {
    broken = true;
    waiting.splice(0).forEach(here);
  });
  started.postMessage(settings);
  const ask = (/** @type {string} */ text) => new Promise((resolve, reject) => {
    const asked = [text, resolve, reject];
    if (broken) return void here(asked);
    waiting.push(asked);
    started.postMessage(text);
  });
  return { ask, stop: () => started.terminate() };
}
