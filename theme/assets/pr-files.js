// Files of the index (docs/pr-index.md, "Files"): loading, finding the part that holds a key, decoding.
// A list of documents is one Uint32Array of `ordinal * 4 + level`, ascending.

/** @typedef {(path: string) => Promise<Uint8Array>} Load */
/** @typedef {{bytes: Uint8Array, at: number, end: number, count: number}} Span what a part says of a key; `count` of documents in `t` */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a gzip stream holds; bytes that are none, as they are. @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
export async function unpack(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

/** A function that loads and unpacks a file, each once; what failed is tried again. @param {Load} load */
export function cached(load) {
  /** @type {Map<string, Promise<Uint8Array>>} */
  const files = new Map();
  return (/** @type {string} */ path) => {
    let file = files.get(path);
    if (!file) {
      file = load(path).then(unpack);
      files.set(path, file);
      file.catch(() => files.delete(path));
    }
    return file;
  };
}

/** Order of code points, which is that of UTF-8. @param {string} a @param {string} b */
export function compare(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return place(x) - place(y);
  }
  return a.length - b.length;
}

/** Halves of surrogate pairs stand for code points above all others. @param {number} unit */
function place(unit) {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Name of the part that begins with a key. @param {string} start */
export function partName(start) {
  if (!start) return "_";
  const bytes = encoder.encode(start);
  const hex = (/** @type {Uint8Array} */ part) => Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (bytes.length <= 48) return hex(bytes);
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${hex(bytes.subarray(0, 32))}-${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

/** A table in parts. */
export class Table {
  /**
   * @param {string} folder of its files
   * @param {string[]} starts first key of each part
   * @param {Load} load
   */
  constructor(folder, starts, load) {
    Object.assign(this, { folder, starts, load });
  }

  /** Index of the part in which a key stands, if anywhere. @param {string} key */
  index(key) {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (compare(this.starts[middle], key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Indexes of the first and the last part that hold keys with a beginning. @param {string} beginning @returns {[number, number]} */
  parts(beginning) {
    const first = this.index(beginning);
    let last = first;
    while (this.starts[last + 1]?.startsWith(beginning)) last++;
    return [first, last];
  }

  /**
   * What a part says of the keys with a beginning.
   * @param {number} index
   * @param {string} beginning
   * @param {(rest: string, span: Span) => boolean | void} visit ends with true
   */
  async #visit(index, beginning, visit) {
    if (index < this.starts.length) scan(await this.load(`${this.folder}/${partName(this.starts[index])}.bin`), this.folder, beginning, visit);
  }

  /** What stands for a key, else null. @param {string} key @returns {Promise<Span | null>} */
  async find(key) {
    let found = null;
    await this.#visit(this.index(key), key, (rest, span) => {
      if (!rest) found = span;
      return true;
    });
    return found;
  }

  /**
   * The keys with a beginning and what stands for each; of some parts only, where these are given.
   * @param {string} beginning
   * @param {[number, number]} parts first and last
   * @returns {Promise<[string, Span][]>}
   */
  async range(beginning, [first, last] = this.parts(beginning)) {
    const found = await Promise.all(Array.from({ length: last - first + 1 }, async (_, number) => {
      /** @type {[string, Span][]} */
      const own = [];
      await this.#visit(first + number, beginning, (rest, span) => { own.push([beginning + rest, span]); });
      return own;
    }));
    return found.flat();
  }
}

/**
 * Goes through a part's keys that begin so. As they are sorted, those before it need not be compared but where they share as
 * many bytes with their forerunner as that shares with the beginning.
 * @param {Uint8Array} bytes
 * @param {string} table whose entries these are
 * @param {string} beginning
 * @param {(rest: string, span: Span) => boolean | void} visit ends with true
 */
function scan(bytes, table, beginning, visit) {
  const wanted = encoder.encode(beginning);
  const read = new Reader(bytes);
  let key = new Uint8Array(512);
  let same = 0; // bytes that the last key shares with the beginning
  while (read.at < bytes.length) {
    const shared = read.varint();
    const rest = read.varint();
    const length = shared + rest;
    const text = read.at;
    read.at += rest;
    const count = table === "t" ? read.varint() : 0;
    const size = table === "t" || table === "p" ? read.varint() : 1;
    const at = read.at;
    read.at += size;
    if (shared < same) return; // past it
    if (length > key.length) key = grown(key, length * 2);
    for (let i = 0; i < rest; i++) key[shared + i] = bytes[text + i];
    if (shared === same) {
      while (same < wanted.length && same < length && key[same] === wanted[same]) same++;
      if (same < wanted.length && same < length && key[same] > wanted[same]) return;
    }
    if (same === wanted.length && visit(decoder.decode(key.subarray(same, length)), { bytes, at, end: at + size, count })) return;
  }
}

/** @param {Uint8Array} array @param {number} length */
function grown(array, length) {
  const longer = new Uint8Array(length);
  longer.set(array);
  return longer;
}

/** Reads whole numbers one after the other. */
export class Reader {
  /** @param {Uint8Array} bytes @param {number} at */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Unsigned LEB128, below 2 ** 32. */
  varint() {
    let byte = this.bytes[this.at++];
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = this.bytes[this.at++];
      value |= (byte & 127) << shift;
    }
    return value >>> 0;
  }
}

/** The documents of a key of `t`. @param {Span} span */
export function postings({ bytes, at, count }) {
  const read = new Reader(bytes, at);
  const list = new Uint32Array(count);
  for (let i = 0, next = 0; i < count; i++) {
    const value = read.varint();
    list[i] = next * 4 + value;
    next += (value >>> 2) + 1;
  }
  return list;
}

/** The documents of a file of `x`. @param {Uint8Array} bytes */
export function longList(bytes) {
  const read = new Reader(bytes);
  const count = read.varint();
  return postings({ bytes, at: read.at, end: bytes.length, count });
}

/**
 * The places of a key of `p` in those documents that are asked for: those of the i-th from `starts[i]` to before `starts[i + 1]`.
 * @param {Span | null} span
 * @param {Uint32Array} wanted ordinals, ascending
 * @returns {{starts: Uint32Array, places: Uint32Array}}
 */
export function places(span, wanted) {
  const read = new Reader(span?.bytes ?? new Uint8Array(), span?.at);
  const end = span?.end ?? 0;
  const starts = new Uint32Array(wanted.length + 1);
  const found = new Uint32Array(end - read.at); // each takes a byte at least
  let filled = 0;
  let ordinal = -1;
  let count = 0; // places of this ordinal that are not read yet
  for (let i = 0; i < wanted.length; i++) {
    while (ordinal < wanted[i]) {
      for (; count; count--) read.varint();
      if (read.at >= end) ordinal = Infinity;
      else {
        ordinal += read.varint() + 1;
        count = read.varint();
      }
    }
    if (ordinal === wanted[i]) for (let sum = 0; count; count--) found[filled++] = sum += read.varint();
    starts[i + 1] = filled;
  }
  return { starts, places: found.subarray(0, filled) };
}

/** The numbers of `rank.bin`, by ordinal. @param {Uint8Array} bytes @param {number} count */
export function ranks(bytes, count) {
  const read = new Reader(bytes);
  const list = new Uint32Array(count);
  for (let i = 0, sum = 0; i < count; i++) {
    const value = read.varint();
    sum += value & 1 ? -((value >>> 1) + 1) : value >>> 1;
    list[i] = sum;
  }
  return list;
}

/** The JSON in a file. @param {Uint8Array} bytes */
export function json(bytes) {
  return JSON.parse(decoder.decode(bytes));
}
