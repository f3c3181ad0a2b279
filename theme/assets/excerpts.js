// What results show of a text: HTML in which the found words are marked and nothing else is markup.
import { escaped } from "./dom.js";
import { normalise, stem } from "./pr-words.js";

const LENGTH = 30; // words
const BEFORE = 4; // of them before what was found
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/**
 * The part of a page's text that holds most of what was found.
 * @param {string} content as Pagefind keeps it
 * @param {Map<number, number>} places of found words, counted in words, with what they are worth
 * @param {number} from the word that it begins with where nothing was found
 */
export function excerptAt(content, places, from) {
  const words = content.split(/\s+/);
  const sums = new Float64Array(words.length + 1); // of what the words before each place are worth
  for (let i = 0; i < words.length; i++) sums[i + 1] = sums[i] + (places.get(i) ?? 0);
  let [start, most] = [from, 0];
  for (const place of places.keys()) {
    const first = Math.max(from, Math.min(place - BEFORE, words.length - LENGTH));
    const held = sums[Math.min(words.length, first + LENGTH)] - sums[first];
    if (held > most || (held === most && first < start)) [start, most] = [first, held];
  }
  const end = Math.min(words.length, start + LENGTH);
  const shown = words.slice(start, end).map((word, i) => (places.has(start + i) ? `<mark>${escaped(word)}</mark>` : escaped(word)));
  return `${start > from ? "… " : ""}${shown.join(" ")}${end < words.length ? " …" : ""}`;
}

/**
 * A text with the words marked that have one of the stems, or begin as is written.
 * @param {string} text
 * @param {Set<string>} stems
 * @param {string} begun empty where nothing is
 */
export function markedText(text, stems, begun = "") {
  let done = 0;
  let html = "";
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const written = normalise(word);
    if (!stems.has(stem(written)) && !(begun && written.startsWith(begun))) continue;
    html += `${escaped(text.slice(done, index))}<mark>${escaped(word)}</mark>`;
    done = index + word.length;
  }
  return html + escaped(text.slice(done));
}
