/**
 * Keys and rows of sealed tables, as docs/sealed-tables.md describes them; runs in pages, workers and Node.js.
 * @typedef {{version: number, table: string, salt: string, iterations: number, epoch: string, lookups: string[][], bits: number, rows: number, size: number}} Settings
 * @typedef {{locator: Uint8Array, key: Uint8Array}} Found what a row is found by and what it is opened with
 */

const MASTER = 32;
const LOCATOR = 16;
const KEY = 32;
const NONCE = 12;
const PADDED = 0x80; // ends the text of a row

const DROPPED = /[\p{White_Space}\u002d\u00ad\u2010-\u2015\u2212\u200b-\u200d\u2060\ufeff]/gu;
const MOST = 100; // characters of a value

/** A value as it stands in a key. @param {string} text */
export function normal(text) {
  return text.normalize("NFKC").toUpperCase().normalize("NFKC").replace(DROPPED, "");
}

/** Whether a key can hold a value. @param {string} text */
export function isValue(text) {
  const value = normal(text);
  return value !== "" && [...value].length <= MOST && !/\p{Cc}/u.test(value);
}

/**
 * What a row's key is derived from.
 * @param {string} table
 * @param {string[]} fields
 * @param {Record<string, string>} values
 */
export function keyText(table, fields, values) {
  return `waypost-seal-1\n${table}\n${fields.map((field) => `${field}=${normal(values[field])}`).join("\n")}`;
}

/** @param {Settings} settings @param {string} text @returns {Promise<Found>} */
export async function derive({ table, salt, iterations, bits, rows, size, epoch }, text) {
  const written = await crypto.subtle.importKey("raw", bytesOf(text), "PBKDF2", false, ["deriveBits"]);
  const slow = { name: "PBKDF2", hash: "SHA-256", salt: Uint8Array.from(salt.match(/../g), (pair) => parseInt(pair, 16)), iterations };
  const master = await crypto.subtle.importKey("raw", await crypto.subtle.deriveBits(slow, written, 8 * MASTER), "HKDF", false, ["deriveBits"]);
  const info = bytesOf(`waypost-seal-1/${table}/${bits}/${rows}/${size}/${epoch}`);
  const both = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info }, master, 8 * (LOCATOR + KEY));
  return { locator: new Uint8Array(both, 0, LOCATOR), key: new Uint8Array(both, LOCATOR) };
}

/** Name of the file that holds a row. @param {Settings} settings @param {Uint8Array} locator */
export function shardName({ bits }, locator) {
  const number = bits ? new DataView(locator.buffer, locator.byteOffset).getUint32(0) >>> (32 - bits) : 0;
  return `${number.toString(16).padStart(Math.max(1, Math.ceil(bits / 4)), "0")}.bin`;
}

/**
 * What a row says; null where there is none of this locator, or none that opens.
 * @param {Settings} settings
 * @param {Uint8Array} shard
 * @param {Found} found
 * @returns {Promise<object | null>}
 */
export async function opened({ table, size }, shard, { locator, key }) {
  const row = rowOf(shard, size, locator);
  if (!row) return null;
  const additionalData = new Uint8Array([...bytesOf(`waypost-seal-1/${table}`), ...locator]);
  const secret = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const method = { name: "AES-GCM", iv: row.subarray(LOCATOR, LOCATOR + NONCE), additionalData };
  try {
    const plain = new Uint8Array(await crypto.subtle.decrypt(method, secret, row.subarray(LOCATOR + NONCE)));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain.subarray(0, plain.lastIndexOf(PADDED))));
  } catch {
    return null;
  }
}

/** The row of a locator; rows stand in the order of theirs. @param {Uint8Array} shard @param {number} size @param {Uint8Array} locator */
function rowOf(shard, size, locator) {
  let [first, end] = [0, shard.length / size];
  while (first < end) {
    const middle = (first + end) >>> 1;
    const order = compare(locator, shard.subarray(middle * size, middle * size + LOCATOR));
    if (!order) return shard.subarray(middle * size, (middle + 1) * size);
    if (order < 0) end = middle;
    else first = middle + 1;
  }
  return null;
}

/** @param {Uint8Array} one @param {Uint8Array} other */
function compare(one, other) {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return one[at] - other[at];
  return 0;
}

/** @param {string} text */
const bytesOf = (text) => new TextEncoder().encode(text);
