// Log lines and error messages: finds the records that quote them, whatever their addresses, numbers, times and paths are
// (docs/messages.md; prsearch/messages.py makes the same signatures).
import { resultOf } from "./names.js";
import { rarity } from "./pr-lists.js";
import { prIndex } from "./pr-open.js";
import { BLANK, normalise } from "./pr-words.js";
import { texts } from "./texts.js";

/** @typedef {import("./names.js").Result} Result */

export const MOST_LINE = 600; // characters of a line that are read
const MOST_QUERY = 20_000; // characters of a query
const MOST_LINES = 8; // of a query that are asked for
const MOST_ASKED = 48; // signatures that a query asks for
export const LEAST_KEYS = 2; // that a document must have, where more than FEW_KEYS are asked for
export const FEW_KEYS = 3;
export const LEAST_SHARE = 3; // a third of the worth of a line's keys
const FEW_WORDS = 5; // a line of fewer words is also known by each of them
const ALL_KEYS = 6; // of a line are all kept
const WINDOW = 3; // neighbours of which the least is kept where there are more
const WORD_ALONE = 4; // letters of such a word
const TROUBLE_WORDS = 4;
const LONG = 25; // characters
const SHOWN = 5;

const LETTER = "a-z\\xdf-\\xf6\\xf8-\\u024f\\u0400-\\u052f";
const LINES = /[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+/;
export const HEADER = new RegExp(
  "^(?:<[0-9]{1,3}>[0-9]{0,2} ?)?(?:[a-z]{3} {1,2}[0-9]{1,2} [0-9:.]{5,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9:.,+z-]{5,24}) "
  + "[a-z0-9_.-]{1,64} (?=[a-z0-9_./-]{1,64}(?:\\[[0-9]{1,10}\\])?:)");
const QUOTED = new RegExp(
  '"([^"]{0,200})"|“([^”]{0,200})”|«([^»]{0,200})»|`([^`]{0,200})`'
  + `|(?<![${LETTER}0-9])'([^']{0,200})'(?![${LETTER}0-9])`, "gu");
const ATOM = new RegExp(`[^${BLANK}()\\[\\]{}<>="'\`“”«»,;|!?*#&$^]+`, "gu");
const EDGE = /^[.:%@+-]+|(?<![.:+-])[.:+-]+$/g;
const PLACE = /:\/\/|@|^[/\\~]|^[a-z]:[/\\]|[/\\].*[/\\]|\.(?:com|net|org|local|lan|internal|example|io)$/;
const PORT = /[0-9].*\/|\/.*[0-9]|^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}$/;
const CODE = /^[a-z]{1,10}[-_]?[0-9]{2,8}$/;
const PIECE = new RegExp(`[${LETTER}0-9]+`, "g");
const MIXED = new RegExp(`^[${LETTER}][${LETTER}0-9]+[${LETTER}]$`);
const HEX = /^[0-9a-f]+$/;
const TIMES = new Set((
  "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun utc gmt cet cest msk est edt pst pdt am pm"
  + " янв фев мар апр мая июн июл авг сен окт ноя дек пн вт ср чт пт сб вс мск").split(" "));
const STRONG = new RegExp(
  `:[${BLANK}]|[=\\[\\]{}%\\\\_<>|]|0x[0-9a-f]|[0-9][.:/-][0-9]+[.:/-][0-9]|/[a-z0-9_.-]+/|[a-z][.:]+[a-z]+[.:]+[a-z]`);
const MARKS = /[0-9/"#$*+@]/;
const TROUBLE = new Set((
  "error errors failed failure fails cannot could denied exception panic fatal warning refused timeout unable invalid aborted"
  + " terminated unexpected missing ошибка ошибки сбой отказано невозможно удалось предупреждение исключение").split(" "));

const encoder = new TextEncoder();

/** The beginning of a text. @param {string} text @param {number} most code points */
export function cut(text, most) {
  return text.length > most ? [...text].slice(0, most).join("") : text;
}

/**
 * The words of a normalised line in sequences, what is quoted apart from what is around it; codes such as `ora-01555`.
 * @param {string} normalised
 * @returns {{sequences: string[][], codes: string[]}}
 */
export function wordsOf(normalised) {
  const line = cut(normalised, MOST_LINE).replace(HEADER, "");
  const quoted = [...line.matchAll(QUOTED)].map((match) => match.slice(1).find(Boolean) ?? "");
  /** @type {string[]} */
  const codes = [];
  const sequences = [line.replace(QUOTED, " "), ...quoted].map((part) =>
    (part.match(ATOM) ?? []).flatMap((atom) => wordsIn(atom.replace(EDGE, ""), codes)));
  return { sequences, codes };
}

/**
 * What stays of a run of characters without blanks: nothing of addresses, paths, ports and numbers.
 * @param {string} atom
 * @param {string[]} codes takes what is one
 */
function wordsIn(atom, codes) {
  if (PLACE.test(atom) || PORT.test(atom)) return [];
  if (CODE.test(atom)) {
    codes.push(atom);
    return [];
  }
  return (atom.match(PIECE) ?? []).filter((piece) =>
    (/[0-9]/.test(piece) ? MIXED.test(piece) && !HEX.test(piece) : piece.length > 1 && !TIMES.has(piece)));
}

/** FNV-1a, 32 bits, as eight hexadecimal digits. @param {string} word */
function hash(word) {
  let found = 0x811c9dc5;
  for (const byte of encoder.encode(word)) found = Math.imul(found ^ byte, 0x01000193);
  return (found >>> 0).toString(16).padStart(8, "0");
}

/**
 * The keys of a line of a message in order: of neighbouring words, of codes, and of single words where there are few.
 * @param {string} line
 */
export function signatures(line) {
  const { sequences, codes } = wordsOf(normalise(line));
  const hashed = sequences.map((words) => words.map(hash));
  /** @type {Set<string>} */
  const found = new Set();
  for (const words of hashed) for (let i = 1; i < words.length; i++) found.add(`!${words[i - 1]}${words[i].slice(0, 6)}`);
  const words = sequences.flat();
  if (words.length < FEW_WORDS) for (const word of words) if (word.length >= WORD_ALONE) found.add(`!${hash(word)}`);
  for (const code of codes) found.add(`!${hash(code)}-`);
  return winnowed([...found]);
}

/** The least of each few neighbours, at half of the keys; few keys are all kept. @param {string[]} keys */
function winnowed(keys) {
  if (keys.length <= ALL_KEYS) return keys;
  const found = new Set();
  for (let at = 0; at + WINDOW <= keys.length; at++) found.add(keys.slice(at, at + WINDOW).reduce((a, b) => (b < a ? b : a)));
  return [...found];
}

/**
 * The keys that a query asks for, line by line, equal lines once: of many lines those with words of trouble first, of many keys some
 * that are spread over the line.
 * @param {string} query
 */
export function asked(query) {
  /** @type {Map<string, {keys: string[], troubled: boolean}>} */
  const lines = new Map();
  for (const line of cut(query, MOST_QUERY).split(LINES)) {
    const keys = signatures(line);
    const troubled = isTroubled(wordsOf(normalise(line)).sequences);
    if (keys.length && !lines.has(keys.join())) lines.set(keys.join(), { keys, troubled });
  }
  const all = [...lines.values()];
  const chosen = [...all.filter(({ troubled }) => troubled), ...all.filter(({ troubled }) => !troubled)].slice(0, MOST_LINES);
  return chosen.map(({ keys }) => spread(keys, Math.floor(MOST_ASKED / chosen.length)));
}

/** Whether there is a word of trouble. @param {string[][]} sequences */
export function isTroubled(sequences) {
  return sequences.some((words) => words.some((word) => TROUBLE.has(word)));
}

/** Some of the keys of a line, from all over it. @param {string[]} keys @param {number} most */
export function spread(keys, most) {
  const count = keys.length;
  return count <= most ? keys : Array.from({ length: most }, (_, at) => keys[Math.floor(at * count / most)]);
}

/** Whether a query may be a message and not a question: several lines, marks that prose seldom has, words of trouble. @param {string} query */
export function isMessage(query) {
  const text = normalise(cut(query, MOST_QUERY));
  const lines = text.split(LINES).map((line) => wordsOf(line).sequences.flat()).filter((words) => words.length);
  const words = lines.flat();
  if (words.length < 2) return false;
  if (lines.length > 1) return true;
  const trouble = words.some((word) => TROUBLE.has(word));
  if (trouble && words.length >= TROUBLE_WORDS) return true;
  return (STRONG.test(text) || ([...text].length >= LONG && MARKS.test(text))) && words.length > 2 - Number(trouble);
}

/**
 * Documents that have enough of the keys of a line, the best first.
 * @param {import("./pr-match.js").Keys} keys
 * @param {string[][]} lines
 * @returns {Promise<{ordinal: number, score: number}[]>}
 */
export async function quoting(keys, lines) {
  const scores = new Map();
  for (const own of await Promise.all(lines.map((line) => ofLine(keys, line)))) {
    for (const { ordinal, score } of own) scores.set(ordinal, (scores.get(ordinal) ?? 0) + score);
  }
  return [...scores].map(([ordinal, score]) => ({ ordinal, score })).sort((a, b) => b.score - a.score || b.ordinal - a.ordinal);
}

/** @param {import("./pr-match.js").Keys} keys @param {string[]} wanted */
async function ofLine(keys, wanted) {
  const lists = await Promise.all(wanted.map((key) => keys.list(key)));
  /** @type {Map<number, {ordinal: number, score: number, count: number}>} */
  const found = new Map();
  let total = 0;
  for (const list of lists) {
    const worth = rarity(keys.documents, Math.max(1, list.length));
    total += worth;
    for (const value of list) {
      const ordinal = value >>> 2;
      const before = found.get(ordinal) ?? { ordinal, score: 0, count: 0 };
      found.set(ordinal, { ordinal, score: before.score + worth, count: before.count + 1 });
    }
  }
  const least = wanted.length > FEW_KEYS ? LEAST_KEYS : 1;
  return [...found.values()].filter(({ score, count }) => score * LEAST_SHARE >= total && count >= least);
}

/**
 * The records that quote a message, the best first; null where the query is no message, for which nothing is loaded.
 * @param {string} query
 * @returns {Promise<Result[] | null>}
 */
export async function byMessage(query) {
  if (!isMessage(query)) return null;
  const wanted = asked(query);
  if (!wanted.length) return [];
  const index = await prIndex();
  const found = (await quoting(index.keys, wanted)).slice(0, SHOWN);
  const why = texts().quotes ?? "";
  return (await index.cards(found.map(({ ordinal }) => ordinal))).map((card) => ({ ...resultOf(card), ...(why ? { why } : {}) }));
}
