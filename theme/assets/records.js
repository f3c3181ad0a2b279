// The PR index for the search box: any of the words over all records, in all languages (docs/pr-index.md).
import { union } from "./pr-lists.js";
import { matching, similar } from "./pr-match.js";
import { prIndex } from "./pr-open.js";
import { stem } from "./pr-words.js";
import { phraseWorth } from "./search-scores.js";

/** @typedef {import("./search-scores.js").Holders} Holders */
/** @typedef {import("./pr-index.js").Card} Card */

const WORTH = [1.1, 1.7, 1.9, 3.2]; // by level: once or twice in the text, thrice, summary or keywords, title
const BEGINNING = 3; // letters at least
const BEGUN = 0.5; // of a word that only begins so
const MISSPELT = /^\p{L}{4,}$/u;
const KINDS = ["article", "report", "advisory", "notice", "bulletin"];

/** All records, numbered by the index; opened once. */
export async function openRecords() {
  return new Records(await prIndex());
}

export class Records {
  constructor(index) {
    this.index = index;
    this.documents = index.documents;
  }

  /**
   * The records that hold a word or "phrase".
   * @param {string} word
   * @param {boolean} begins whether longer words that begin so will do
   * @returns {Promise<Holders>}
   */
  async holders(word, begins = false) {
    const { keys } = this.index;
    if (/\s/.test(word)) {
      const { matches } = await matching(keys, { text: word, phrase: true });
      const documents = matches?.ordinals ?? new Uint32Array();
      return { documents, worths: new Float32Array(documents.length).fill(phraseWorth(word)) };
    }
    const open = begins && [...word].length >= BEGINNING;
    const [exact, begun] = await Promise.all([keys.list(/[-_./:+]/.test(word) ? word : stem(word)), open ? keys.beginning(word) : new Uint32Array()]);
    const all = union([exact, begun], this.documents);
    const documents = all.map((value) => value >>> 2);
    const worths = Float32Array.from(all, (value) => WORTH[value & 3]);
    if (exact.length && all.length > exact.length) {
      const held = new Set(exact.map((value) => value >>> 2));
      documents.forEach((document, i) => { if (!held.has(document)) worths[i] *= BEGUN; });
    }
    return { documents, worths };
  }

  /** Known words that a word with one typing error may have been, the most frequent first. @param {string} word */
  async corrections(word) {
    return MISSPELT.test(word) ? similar(this.index.keys, word) : [];
  }

  /** The kind of each record. @returns {Promise<string[]>} */
  kinds() {
    this.known ??= Promise.all(KINDS.map((kind) => this.index.keys.list(`=kind:${kind}`))).then((lists) => {
      const kinds = new Array(this.documents).fill("");
      lists.forEach((list, i) => { for (const value of list) kinds[value >>> 2] = KINDS[i]; });
      return kinds;
    });
    return this.known;
  }
}
