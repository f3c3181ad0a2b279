// The query language: words, "phrases", -exclusions and name:value filters, as prsearch/query.py reads it.
import { edits } from "./edits.js";
import { BLANK } from "./pr-words.js";

/** @typedef {{text: string, phrase?: boolean, prefix?: boolean, excluded?: boolean}} Words */
/** @typedef {{name: string, values: string[], excluded?: boolean}} Filter */

const PART = new RegExp(`(?<minus>-)?(?:(?<name>[A-Za-z]+):)?(?:"(?<quoted>[^"]*)"?|(?<plain>[^${BLANK}"]+))`, "gu");

/** Filter names with the values each takes; none where the catalogue says. */
export const FILTERS = {
  affects: [], fixed: [], product: [], platform: [], component: [], since: [],
  severity: ["critical", "high", "medium", "low", "none", "unrated"],
  status: ["draft", "open", "fixed", "closed", "duplicate", "published", "retired", "interim", "final", "withdrawn", "superseded"],
  kind: ["article", "report", "advisory", "notice", "bulletin"],
  has: ["workaround"],
};

/** A filter's value cannot be. */
export class QueryError extends Error {
  /**
   * @param {string} name of the filter
   * @param {string} value as written
   * @param {string} reason `empty`, `date` or `unknown`
   * @param {string} guess what is meant perhaps
   */
  constructor(name, value, reason, guess = "") {
    super(`${name}: ${value}: ${reason}`);
    Object.assign(this, { name, value, reason, guess });
  }
}

/**
 * Reads a query; throws QueryError.
 * @param {string} text
 * @returns {{words: Words[], filters: Filter[]}}
 */
export function parseQuery(text) {
  const words = [];
  const filters = [];
  for (const match of text.matchAll(PART)) {
    const { minus, name = "", quoted, plain = "" } = match.groups;
    const excluded = Boolean(minus);
    const written = name ? `${name}:` : "";
    if (Object.hasOwn(FILTERS, name.toLowerCase())) filters.push(makeFilter(name.toLowerCase(), quoted ?? plain, excluded));
    else if (quoted !== undefined) words.push({ text: written + quoted, phrase: true, prefix: false, excluded });
    else {
      const last = match.index + match[0].length === text.length && !excluded; // the reader may still be typing
      const prefix = last || (plain.endsWith("*") && [...plain].length > 2);
      words.push({ text: written + plain.replace(/(?<!\*)\*+$/, ""), phrase: false, prefix, excluded });
    }
  }
  return { words: numbers(words.filter((item) => strip(item.text))), filters };
}

/** `PR 1747984` is one word. @param {Words[]} words */
function numbers(words) {
  const all = [];
  for (let i = 0; i < words.length; i++) {
    const [item, after] = [words[i], words[i + 1]];
    if (after && item.text.toLowerCase() === "pr" && /^[0-9]+$/.test(after.text) && !(item.phrase || after.phrase || after.excluded)) {
      all.push({ text: `pr${after.text}`, phrase: false, prefix: after.prefix, excluded: item.excluded });
      i++;
    } else all.push(item);
  }
  return all;
}

const EDGES = new RegExp(`^[${BLANK}]+|(?<![${BLANK}])[${BLANK}]+$`, "g");

/** Without blanks at the ends. @param {string} text */
export function strip(text) {
  return text.replace(EDGES, "");
}

/** What is equal but for case. @param {string} text */
export function fold(text) {
  return text.toLowerCase().toUpperCase().toLowerCase();
}

/**
 * A filter from its written values; throws QueryError.
 * @param {string} name
 * @param {string} text
 * @param {boolean} excluded
 * @returns {Filter}
 */
export function makeFilter(name, text, excluded = false) {
  const values = text.split(",").map(strip).filter(Boolean);
  if (!values.length) throw new QueryError(name, "", "empty");
  return checked({ name, values, excluded });
}

/**
 * The same filter with its values as keys have them; throws QueryError.
 * @param {Filter} filter
 * @returns {Filter}
 */
export function checked({ name, values, excluded = false }) {
  const known = FILTERS[name];
  if (known.length) {
    for (const value of values) if (!known.includes(fold(value))) throw new QueryError(name, value, "unknown", nearest(value, known));
    return { name, values: values.map(fold), excluded };
  }
  if (name === "since") for (const value of values) if (!isDay(value)) throw new QueryError(name, value, "date");
  return { name, values, excluded };
}

/** @param {string} text */
function isDay(text) {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < "0001") return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/**
 * The known word that fewest changes of letters turn the value into, at most half of them; else an empty string.
 * @param {string} value
 * @param {Iterable<string>} known
 */
export function nearest(value, known) {
  const wanted = fold(value).slice(0, 80);
  let best = "";
  let least = Math.floor(wanted.length / 2) + 1;
  for (const word of known) {
    const changes = edits(wanted, fold(word), least);
    if (changes < least) [best, least] = [word, changes];
  }
  return best;
}
