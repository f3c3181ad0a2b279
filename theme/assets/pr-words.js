// From text to keys, as prsearch/analysis.py does it (docs/pr-index.md, "From text to keys").
import { stemEnglish, stemRussian } from "./pr-stem.js";

const TOKEN = /[\p{L}\p{N}]+(?:[-_./:+][\p{L}\p{N}]+)*/gu;
const PIECE = /[\p{L}\p{N}]+/gu;
const LONGEST = 64; // code points of a key

/** Function words, which say nothing of a fault. */
export const STOP = new Set((
  "a an and are at be been but by for from had has have if in into is it its of on or that the their these this those to was"
  + " were when which will with"
  + " а без бы в во для до же за и из или к как ко ли на о об от по под при с со то у что это").split(" "));

/** What counts as a blank; JavaScript's \s differs by a few characters. */
export const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** The form in which texts are compared. @param {string} text */
export function normalise(text) {
  return text.normalize("NFC").toLowerCase().replaceAll("ё", "е");
}

const BLANKS = new RegExp(`[${BLANK}]+`, "g");

/** The form in which ids and other names are compared. @param {string} text */
export function nameOf(text) {
  return normalise(text).replace(BLANKS, "").replace(/^pr[-#]?(?=[0-9]+$)/, "");
}

const UNWRITTEN = /[-_\u00ad\u2010-\u2015\u2212]+/g; // hyphens, dashes, minus

/** The form in which names are looked up: as ids are compared, and hyphens make no difference either. @param {string} text */
export function nameKey(text) {
  return normalise(text).replace(BLANKS, "").replace(UNWRITTEN, "").replace(/^(?:pr)?#?(?=[0-9]+$)/, "");
}

/** @param {string} text */
function cut(text) {
  return text.length > LONGEST ? [...text].slice(0, LONGEST).join("") : text;
}

/**
 * The tokens of a text, each with its pieces.
 * @param {string} text
 * @returns {{token: string, pieces: string[]}[]}
 */
export function tokens(text) {
  return (normalise(text).match(TOKEN) ?? []).map((token) => ({ token: cut(token), pieces: piecesOf(token) }));
}

/** The pieces of a text in order. @param {string} text */
export function pieces(text) {
  return piecesOf(normalise(text));
}

/** @param {string} text normalised */
function piecesOf(text) {
  return (text.match(PIECE) ?? []).map(cut);
}

/** The stem of a piece. @param {string} piece */
export function stem(piece) {
  if (/^[a-z]+$/.test(piece)) return stemEnglish(piece);
  return /^[а-я]+$/.test(piece) ? stemRussian(piece) : piece;
}
