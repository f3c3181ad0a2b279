// Asks both indexes for the terms of a query, and for what stands for a misspelt one.
import { rarity, wordKey, wordsIn } from "./search-scores.js";
import { isSilent, mayBeSilent, termsOf } from "./search-words.js";

/** @typedef {import("./search-words.js").Term} Term */
/** @typedef {import("./search-scores.js").Holders} Holders */
/** @typedef {import("./records.js").Records} Records */
/** @typedef {import("./prose.js").Prose} Prose */
/**
 * The terms, with what stands for misspelt ones, and who holds their words; all by the keys of words.
 * @typedef {{terms: Term[], records: Map<string, Holders>, prose: Map<string, Holders>, rarities: Map<string, number>}} Asked
 */

const WORDS = 40; // at most that are asked for
const WORDS_OF_MANY = 12; // in a large portal, where each is a file of some size
const MANY = 20_000; // records
const GUESSES = 4; // words at most that stand for a misspelt one
const MISSPELT = 0.8; // what a word is worth that differs by a letter
const DOUBTFUL = 0.3; // the same where a word may be meant that says nothing

/**
 * The vocabulary of the record index says which words are misspelt and how rare the others are; Pagefind is then asked for a
 * bounded number of words, the rarest first and synonyms last.
 * @param {Term[]} terms
 * @param {Records} records
 * @param {Prose} prose
 * @returns {Promise<Asked>}
 */
export async function ask(terms, records, prose) {
  const most = records.documents > MANY ? WORDS_OF_MANY : WORDS;
  const known = (await Promise.all(terms.map((term) => loosened(term, records, prose)))).flat();
  const chosen = known.length > most ? longest(known, most) : known;
  /** @type {Asked} */
  const asked = { terms: chosen, records: new Map(), prose: new Map(), rarities: new Map() };
  await hold(asked.records, chosen, records);
  asked.terms = await Promise.all(chosen.map((term) => corrected(term, asked, records, prose)));
  await hold(asked.records, asked.terms, records);
  for (const [key, { documents }] of asked.records) {
    if (documents.length) asked.rarities.set(key, rarity(records.documents, documents.length));
  }
  const meant = asked.terms.map((term) => ({ ...term, alternatives: term.alternatives.filter(({ why }) => why !== "synonym") }));
  const rarest = (words) => [...words].sort(([a], [b]) => (asked.rarities.get(b) ?? Infinity) - (asked.rarities.get(a) ?? Infinity));
  const words = new Map([...rarest(wordsIn(meant)), ...rarest(wordsIn(asked.terms))]);
  await Promise.all([...words].slice(0, prose.most).map(async ([key, { word, begins }]) => { asked.prose.set(key, await prose.holders(word, begins)); }));
  for (const [key, { documents }] of asked.prose) {
    if (documents.length && !asked.rarities.has(key)) asked.rarities.set(key, rarity(prose.total, documents.length));
  }
  return asked;
}

/** Asks for the words of terms that are not there yet. @param {Map<string, Holders>} held @param {Term[]} terms @param {Records} source */
async function hold(held, terms, source) {
  await Promise.all([...wordsIn(terms)].filter(([key]) => !held.has(key)).map(async ([key, { word, begins }]) => {
    held.set(key, await source.holders(word, begins));
  }));
}

/** The term; of a phrase that nothing holds, its words. @param {Term} term @param {Records} records @param {Prose} prose */
async function loosened(term, records, prose) {
  const [phrase] = term.alternatives[0].words;
  if (!/\s/.test(phrase)) return [term];
  const held = await Promise.all([records, prose].map((source) => source.holders(phrase)));
  return held.some(({ documents }) => documents.length) ? [term] : termsOf(phrase).terms;
}

/** Those that are likely to say most, in their order. @param {Term[]} terms @param {number} most */
function longest(terms, most) {
  const length = ({ written, optional }) => (optional ? 0 : written.length + (/\p{N}/u.test(written) ? 10 : 0));
  const kept = new Set([...terms].sort((a, b) => length(b) - length(a)).slice(0, most));
  return terms.filter((term) => kept.has(term));
}

/**
 * The term, or where nobody knows its word, the term with those that differ by a letter.
 * @param {Term} term
 * @param {Asked} asked
 * @param {Records} records
 * @param {Prose} prose
 */
async function corrected(term, asked, records, prose) {
  const { alternatives: [first], begins } = term;
  const [word] = first.words;
  if (term.optional || first.words.length > 1 || /\s/.test(word) || asked.records.get(wordKey(word, begins))?.documents.length) return term;
  const guesses = (await records.corrections(word)).filter((guess) => !isSilent(guess)).slice(0, GUESSES);
  if (!guesses.length || (await prose.holders(word)).documents.length) return term;
  const doubtful = mayBeSilent(word);
  const weight = doubtful ? DOUBTFUL : MISSPELT;
  const more = guesses.map((guess) => ({ words: [guess], weight, shown: guess, why: /** @type {const} */ ("typo") }));
  return { ...term, alternatives: [...term.alternatives, ...more], optional: doubtful };
}
