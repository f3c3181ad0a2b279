// The different messages of a log, read as a stream: a log of any size takes a bounded memory (docs/network.md; prsearch/logs.py
// reads the same).
import { cut, HEADER, isTroubled, MOST_LINE, signatures, wordsOf } from "./messages.js";
import { normalise } from "./pr-words.js";

/** @typedef {{keys: string[], level: number, line: number, text: string, count: number}} Message `line` and `text` are the first that has it */
/** @typedef {{lines: number, messages: Message[], facts: string[], full: boolean}} Log */

const MOST_BYTES = 2_400; // of a line that are read: 600 characters
const MOST_MESSAGES = 10_000; // different messages that are kept, of those with a word of trouble and of others
const MOST_FACTS = 200; // different lines that may name a release, a platform or a serial number, the last ones
const MOST_SHOWN = 300; // characters
const MOST_KNOWN = 30_000; // lines whose numbers do not matter and whose message is known
const NEWLINE = 10;

const [SEVERE, TROUBLED, PLAIN] = [2, 1, 0]; // levels
const SEVERE_WORDS = new Set("panic fatal emergency emerg crash crashed segfault oops паника авария аварийно".split(" "));
const FACT = new RegExp(
  "(?:version|release|software|firmware|os|верси[а-я]{0,3}|прошивк[а-я]{0,3})[^0-9]{0,40}[0-9]+\\.[0-9]"
  + "|(?:model|platform|chassis|hardware|serial(?: ?(?:number|num|no\\.?))?|s/n|модель|серийный номер) ?[:=#]", "i");
const COLOUR = /\x1b\[[0-9;?]{0,30}[A-Za-z]/g;
const UNSEEN = /[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+/g;
const LOOSE_NUMBER = /(?<![A-Za-z0-9_\x80-\uffff-])[0-9]+/g; // which no key of a line depends on

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const CYRILLIC = new TextDecoder("windows-1251");

/**
 * The messages of a log that comes in pieces.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {(lines: number) => void} progress called after each piece
 * @returns {Promise<Log>}
 */
export async function readLog(chunks, progress = () => {}) {
  const reader = new Reader();
  let held = new Uint8Array();
  let begun = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; start = end + 1, end = chunk.indexOf(NEWLINE, start)) {
      reader.add(start ? chunk.subarray(start, Math.min(end, start + MOST_BYTES)) : joined(held, chunk.subarray(0, end)));
      if (!start) held = new Uint8Array();
      begun = false;
    }
    if (start < chunk.length) {
      held = start ? chunk.slice(start, start + MOST_BYTES) : joined(held, chunk);
      begun = true;
    } else if (start) held = new Uint8Array();
    progress(reader.lines);
  }
  if (begun) reader.add(held);
  return { lines: reader.lines, messages: [...reader.messages.values()], facts: [...reader.facts], full: reader.full };
}

/** The beginning of a line that comes in two pieces. @param {Uint8Array} first @param {Uint8Array} second */
function joined(first, second) {
  const made = new Uint8Array(Math.min(MOST_BYTES, first.length + second.length));
  made.set(first);
  made.set(second.subarray(0, made.length - first.length), first.length);
  return made;
}

class Reader {
  lines = 0;
  full = false;
  /** @type {Map<string, Message>} */
  messages = new Map();
  /** @type {Set<string>} */
  facts = new Set();
  #known = new Map();
  #room = [MOST_MESSAGES, MOST_MESSAGES];

  /** @param {Uint8Array} bytes */
  add(bytes) {
    this.lines += 1;
    const line = decoded(bytes);
    if (FACT.test(line)) this.#fact(shown(line));
    const known = bare(line);
    if (this.#known.has(known)) {
      const message = this.#known.get(known);
      if (message) message.count += 1;
      return;
    }
    const message = this.#new(line);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(known, message);
  }

  /** @param {string} line */
  #new(line) {
    const keys = signatures(line);
    if (!keys.length) return null;
    const name = keys.join();
    const same = this.messages.get(name);
    if (same) {
      same.count += 1;
      return same;
    }
    const level = levelOf(line);
    const kind = Number(level > PLAIN);
    if (!this.#room[kind]) {
      this.full = true;
      return null;
    }
    this.#room[kind] -= 1;
    const message = { keys, level, line: this.lines, text: shown(line), count: 1 };
    this.messages.set(name, message);
    return message;
  }

  /** @param {string} line */
  #fact(line) {
    this.facts.delete(line);
    this.facts.add(line);
    if (this.facts.size > MOST_FACTS) this.facts.delete(this.facts.values().next().value);
  }
}

/** What the keys of a line depend on: without the digits of numbers that no key has, and without a header. @param {string} line */
function bare(line) {
  const known = line.replace(LOOSE_NUMBER, (number) => "0".repeat(number.length));
  if (line.length > MOST_LINE) return known; // of which the header decides where it is cut
  const header = HEADER.exec(known.toLowerCase());
  return header ? `\n${known.slice(header[0].length)}` : known;
}

/**
 * The text of a line: UTF-8, else Windows-1251 where three of its letters follow each other, else Latin-1. Without NUL, which leaves
 * of UTF-16 what is ASCII, and without colours.
 * @param {Uint8Array} bytes
 */
export function decoded(bytes) {
  const whole = bytes.length < MOST_BYTES;
  const unmarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  const own = unmarked.includes(0) ? unmarked.filter(Boolean) : unmarked;
  let text;
  try {
    text = whole ? UTF8.decode(own) : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(own, { stream: true });
  } catch {
    text = isCyrillic(own) ? CYRILLIC.decode(own) : String.fromCharCode(...own);
  }
  return text.includes("\x1b") ? text.replace(COLOUR, "") : text;
}

/** Whether three letters of Windows-1251 follow each other. @param {Uint8Array} bytes */
function isCyrillic(bytes) {
  let run = 0;
  for (const byte of bytes) {
    run = byte >= 0xc0 || byte === 0xa8 || byte === 0xb8 ? run + 1 : 0;
    if (run === 3) return true;
  }
  return false;
}

/** A line as it may be shown: one line, without what steers terminals or the direction of text. @param {string} line */
function shown(line) {
  return cut(line.replace(UNSEEN, " ").trim(), MOST_SHOWN);
}

/** How severe the words of a line are. @param {string} line */
function levelOf(line) {
  const { sequences } = wordsOf(normalise(line));
  if (sequences.some((words) => words.some((word) => SEVERE_WORDS.has(word)))) return SEVERE;
  return isTroubled(sequences) ? TROUBLED : PLAIN;
}

/** Messages in the order in which they are asked for: the most severe, then the rarest in the log, then the latest. @param {Message[]} messages */
export function inTurn(messages) {
  return [...messages].sort((a, b) => b.level - a.level || a.count - b.count || b.line - a.line);
}
