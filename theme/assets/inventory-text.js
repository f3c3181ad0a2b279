// The forms of an inventory: CSV, JSON and what devices print (docs/network.md). kb/inventory_rows.py and kb/show_version.py read alike.
import { nearest } from "./pr-query.js";

/**
 * `device` is the place of its device in the list, -1 for none; `guess` and `about` are told along.
 * @typedef {{code: string, line: number, field: string, value: string, guess: string, about: string, device: number}} Fault
 * @typedef {Record<string, Record<string, string>>} Printed values by product and field
 * @typedef {{line: number, values: Record<string, string>, tags: string[], printed: Printed | null}} Row `line` is 0 in JSON
 * @typedef {{start: string, name: string, end: string}[]} Template
 */

export const MOST_LETTERS = 32_000_000;
const MOST_DEVICES = 100_000;
const FORMAT = 1;

const COLUMNS = {
  name: ["name", "hostname", "host name", "host", "device", "device name", "node", "system name", "sysname", "имя", "устройство", "узел"],
  product: ["product", "os", "software", "operating system", "product line", "продукт", "ос", "по"],
  platform: ["platform", "model", "hardware", "chassis", "device type", "type", "платформа", "модель"],
  release: ["release", "version", "software version", "os version", "sw version", "running version", "firmware", "firmware version",
    "выпуск", "версия", "версия по"],
  serial: ["serial", "serial number", "serial no", "serial no.", "s/n", "sn", "chassis serial", "серийный номер", "заводской номер"],
  site: ["site", "location", "place", "region", "площадка", "место", "сайт", "расположение"],
  tags: ["tags", "tag", "labels", "label", "groups", "group", "role", "метки", "метка", "группа"],
};
const FIELD_OF = new Map(Object.entries(COLUMNS).flatMap(([field, names]) => names.map((name) => [name, field])));

const BLANK = "\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"; // white space and control characters
const BLANKS = new RegExp(`[${BLANK}]+`, "g");
const BETWEEN_WORDS = new RegExp(`[${BLANK}_-]+`, "g");
const BETWEEN_TAGS = new RegExp(`[${BLANK},;|]+`);
const LINES = /\r\n|\r|\n/;
const PROMPT = /^[^@]+@([^@:>#%$]+)/;
const PROMPT_ENDS = /[>#%$]$/;
const ASKED = "version";

/** A value on one line with single blanks, without control characters. @param {string} text */
export function tidy(text) {
  return trimmed(text.replace(BLANKS, " "));
}

/** Without the blank at either end. @param {string} text with single blanks */
function trimmed(text) {
  return text.replace(/^ | $/g, "");
}

/** @param {string} code @param {Partial<Fault>} more @returns {Fault} */
export function fault(code, more = {}) {
  return { code, line: 0, field: "", value: "", guess: "", about: "", device: -1, ...more };
}

/**
 * The devices of an inventory in any form; what is wrong goes into `faults`.
 * @param {string} text
 * @param {Map<string, Template[]>} templates by product
 * @param {Fault[]} faults
 * @returns {Row[]}
 */
export function rowsOf(text, templates, faults) {
  const whole = text.replace(/^\ufeff/, "");
  const isJson = /^[ \t\r\n]*[[{]/.test(whole);
  const table = isJson ? null : tableOf(whole);
  if (table) return bounded(csvRows(table, faults), faults);
  if (isJson) {
    let data;
    try {
      data = JSON.parse(whole);
    } catch {
      data = undefined;
    }
    if (data !== undefined) return bounded(jsonRows(data, faults), faults);
  }
  const rows = bounded(printed(whole.split(LINES), templates), faults);
  if (!rows.length) faults.push(fault(isJson ? "bad-json" : "nothing"));
  return rows;
}

/** @param {Iterable<Row>} rows @param {Fault[]} faults */
function bounded(rows, faults) {
  const found = [];
  for (const row of rows) {
    if (found.length === MOST_DEVICES) {
      faults.push(fault("too-many", { guess: String(MOST_DEVICES) }));
      break;
    }
    found.push(row);
  }
  return found;
}

/** The field that a column or key means, else an empty string. @param {string} name @returns {string} */
function fieldOf(name) {
  return FIELD_OF.get(trimmed(name.replace(BETWEEN_WORDS, " ")).toLowerCase()) ?? "";
}

/** @param {string} text */
function tagsOf(text) {
  return [...new Set(text.split(BETWEEN_TAGS).filter(Boolean))];
}

// -- CSV

/**
 * The text from the header on, its line, delimiter and names; null where the text is no table.
 * @param {string} text
 */
function tableOf(text) {
  const blank = text.length - text.replace(/^[ \t\r\n]+/, "").length;
  const start = Math.max(text.slice(0, blank).lastIndexOf("\n"), text.slice(0, blank).lastIndexOf("\r")) + 1;
  const body = text.slice(start);
  const header = body.slice(0, 10_000).split(LINES, 1)[0];
  const count = (/** @type {string} */ delimiter) => header.split(delimiter).length;
  const delimiter = [",", ";", "\t"].reduce((best, other) => (count(other) > count(best) ? other : best));
  const names = cellsOf(header, delimiter).next().value?.cells;
  if (!names || names.length < 2 || !names.some(fieldOf)) return null;
  return { body, line: text.slice(0, start).split(LINES).length, delimiter, names };
}

/**
 * The rows of a table (RFC 4180) with their lines; `cells` is null where quotes are wrong, and reading goes on in the next line.
 * @param {string} text
 * @param {string} delimiter
 * @param {number} first line
 * @returns {Generator<{line: number, cells: string[] | null}>}
 */
function* cellsOf(text, delimiter, first = 1) {
  const plain = new RegExp(`[^${delimiter}\\r\\n]*`, "y");
  const quoted = /"([^"]*(?:""[^"]*)*)"/y;
  const ending = /\r\n|\r|\n/g;
  let at = 0;
  let line = first;
  while (at < text.length) {
    const begun = line;
    const cells = [];
    let isBroken = false;
    for (;;) {
      while (text[at] === " ") at += 1;
      if (text[at] === '"') {
        quoted.lastIndex = at;
        const match = quoted.exec(text);
        const cell = match ? match[1] : text.slice(at);
        line += cell.split(LINES).length - 1;
        at = match ? quoted.lastIndex : text.length;
        cells.push(cell.replaceAll('""', '"'));
        isBroken = !match || !(at === text.length || text[at] === delimiter || text[at] === "\r" || text[at] === "\n");
      } else {
        plain.lastIndex = at;
        cells.push(plain.exec(text)[0]);
        at = plain.lastIndex;
      }
      if (isBroken || text[at] !== delimiter) break;
      at += 1;
    }
    ending.lastIndex = at;
    const end = ending.exec(text);
    at = end ? ending.lastIndex : text.length;
    line += 1;
    yield { line: begun, cells: isBroken ? null : cells };
  }
}

/** @param {NonNullable<ReturnType<typeof tableOf>>} table @param {Fault[]} faults @returns {Generator<Row>} */
function* csvRows({ body, line: first, delimiter, names }, faults) {
  const fields = names.map(fieldOf);
  for (const [place, name] of names.entries()) {
    const guess = fields[place] || !tidy(name) ? "" : nearest(tidy(name), FIELD_OF.keys());
    if (guess && !fields.includes(fieldOf(guess))) faults.push(fault("column", { line: first, value: tidy(name), guess }));
  }
  const rows = cellsOf(body, delimiter, first);
  rows.next();
  for (const { line, cells: written } of rows) {
    if (!written) {
      faults.push(fault("quotes", { line }));
      continue;
    }
    const cells = written.map(tidy);
    if (!cells.some(Boolean)) continue;
    if (cells.slice(names.length).some(Boolean)) {
      faults.push(fault("cells", { line, value: String(cells.length), guess: String(names.length) }));
      continue;
    }
    const { tags, ...values } = valuesOf(cells.map((cell, place) => [fields[place], cell]));
    yield { line, values, tags: tagsOf(tags ?? ""), printed: null };
  }
}

/** The first value of each field that has one. @param {[string | undefined, string][]} pairs @returns {Record<string, string>} */
function valuesOf(pairs) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const [field, value] of pairs) if (field && value) values[field] ??= value;
  return values;
}

// -- JSON

/** @param {any} data @param {Fault[]} faults @returns {Generator<Row>} */
function* jsonRows(data, faults) {
  if (!Array.isArray(data)) {
    if (data.format !== FORMAT) {
      faults.push(fault("bad-format", { field: "format", value: shown(data.format), guess: String(FORMAT) }));
      return;
    }
    data = data.devices;
  }
  if (!Array.isArray(data)) {
    faults.push(fault("no-devices", { field: "devices" }));
    return;
  }
  for (const [place, item] of data.entries()) {
    if (!item || typeof item !== "object" || Array.isArray(item)) {
      faults.push(fault("not-a-device", { field: `devices[${place}]` }));
      continue;
    }
    /** @type {[string, string][]} */
    const pairs = [];
    /** @type {string[]} */
    let listed = [];
    for (const [name, value] of Object.entries(item)) {
      const field = fieldOf(name);
      if (field === "tags" && Array.isArray(value)) listed = [...new Set(value.filter((tag) => typeof tag === "string").map(tidy).filter(Boolean))];
      else if (field && !isText(value)) faults.push(fault("not-text", { field: `devices[${place}].${tidy(name)}` }));
      else if (field) pairs.push([field, tidy(shown(value))]);
    }
    const { tags, ...values } = valuesOf(pairs);
    yield { line: 0, values, tags: listed.length ? listed : tagsOf(tags ?? ""), printed: null };
  }
}

/** @param {unknown} value */
function isText(value) {
  return value === null || typeof value === "string" || Number.isSafeInteger(value);
}

/** @param {unknown} value */
function shown(value) {
  return typeof value === "string" || Number.isSafeInteger(value) ? String(value) : "";
}

// -- What devices print

/** A template of a line, null for a text that is none. @param {string} text @returns {Template | null} */
export function templateOf(text) {
  const words = tidy(text.toLowerCase()).split(" ").map((word) => /^([^{}]*)(?:\{([a-z]*)\}([^{}]*))?$/.exec(word));
  if (!words.length || !words.every(Boolean)) return null;
  return words.map((match) => ({ start: match[1], name: match[2] ?? "", end: match[3] ?? "" }));
}

/**
 * The devices whose output a text holds: each begins at a prompt with a command that names the version, where a product's first
 * template matches, and where a value comes again.
 * @param {string[]} lines
 * @param {Map<string, Template[]>} templates by product
 * @returns {Generator<Row>}
 */
function* printed(lines, templates) {
  /** @type {Map<string, [product: string, place: number, template: Template][]>} */
  const byWord = new Map([["", []]]);
  for (const [product, own] of templates) {
    for (const [place, template] of own.entries()) {
      const word = template[0].name ? "" : template[0].start;
      byWord.set(word, [...byWord.get(word) ?? [], [product, place, template]]);
    }
  }
  const anywhere = byWord.get("");
  /** @type {Row | null} */
  let device = null;
  const begin = (/** @type {number} */ line, name = "") => ({ line, values: { name }, tags: [], printed: Object.create(null) });
  for (const [place, text] of lines.entries()) {
    const words = trimmed(text.replace(BLANKS, " ")).split(" ");
    if (!words[0]) continue;
    const prompt = words.length > 1 && PROMPT_ENDS.test(words[0]) ? PROMPT.exec(words[0]) : null;
    if (prompt && words.slice(1).some((word) => word.toLowerCase() === ASKED)) {
      if (device) yield device;
      device = begin(place + 1, prompt[1]);
      continue;
    }
    const own = byWord.get(words[0].toLowerCase());
    if (!own && !anywhere.length) continue;
    const found = valuesIn(words, own ? [...own, ...anywhere] : anywhere);
    const isNext = [...found].some(([product, { isFirst, values }]) => {
      const before = device?.printed[product];
      return before && (isFirst || Object.keys(values).some((name) => name in before));
    });
    if (isNext) {
      yield device;
      device = null;
    }
    for (const [product, { values }] of found) {
      device ??= begin(place + 1);
      device.printed[product] = { ...device.printed[product], ...values };
    }
  }
  if (device) yield device;
}

/**
 * The values in a line by product, as its first template that matches has them.
 * @param {string[]} words
 * @param {[string, number, Template][]} templates
 */
function valuesIn(words, templates) {
  /** @type {Map<string, {isFirst: boolean, values: Record<string, string>}>} */
  const found = new Map();
  for (const [product, place, template] of templates) {
    const values = found.has(product) ? null : matched(template, words);
    if (values) found.set(product, { isFirst: place === 0, values });
  }
  return found;
}

/** The values by field, null where a line of these words is not the template's. @param {Template} template @param {string[]} words */
function matched(template, words) {
  if (words.length < template.length) return null;
  /** @type {Record<string, string>} */
  const found = {};
  for (const [place, { start, name, end }] of template.entries()) {
    const word = words[place];
    const rest = word.length - end.length;
    if (!name) {
      if (word.toLowerCase() !== start) return null;
      continue;
    }
    if (rest <= start.length || word.slice(0, start.length).toLowerCase() !== start || word.slice(rest).toLowerCase() !== end) return null;
    if (name !== "any") found[name] = word.slice(start.length, rest);
  }
  return found;
}
