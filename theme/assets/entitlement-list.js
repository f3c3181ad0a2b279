import { isValue, normal } from "./seal-key.js";

/** @typedef {{written: string, values: string[]}} Asked a number as it was typed, and the fields of its key */

export const MOST = 1_000; // numbers at a time
const LARGEST = 1 << 20; // bytes of a file
const BREAK = /[,;\t]/;

/**
 * The numbers in a list, one a line, each once and in their order. What stands after a comma, semicolon or tab is the next field of
 * the key, else not read; a heading is passed over.
 * @param {string} text
 * @param {number} fields of the key
 * @param {string[]} headings that a first line may have
 * @returns {{asked: Asked[], twice: number, unreadable: string[]}}
 */
export function readList(text, fields, headings) {
  const found = new Map();
  const unreadable = [];
  let twice = 0;
  const lines = text.replace(/^\ufeff/, "").split(/\r\n?|\n/);
  lines.forEach((line, at) => {
    const cells = line.split(BREAK).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1").trim());
    if (!cells.some(Boolean)) return;
    if (!at && headings.map(normal).includes(normal(cells[0]))) return;
    const values = Array.from({ length: fields }, (_, field) => cells[field] ?? "");
    const key = values.map(normal).join("\n");
    if (!values.every(isValue)) unreadable.push(line.trim());
    else if (found.has(key)) twice += 1;
    else found.set(key, { written: values[0], values });
  });
  return { asked: [...found.values()], twice, unreadable };
}

/** The text of a file, in UTF-8 or UTF-16; null where it is too large for a list. @param {File} file */
export async function textOf(file) {
  if (file.size > LARGEST) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const mark = `${bytes[0]} ${bytes[1]}`;
  return new TextDecoder(mark === "255 254" ? "utf-16le" : mark === "254 255" ? "utf-16be" : "utf-8").decode(bytes);
}
