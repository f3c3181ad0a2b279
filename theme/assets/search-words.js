// From what somebody types to the words that are asked for: function words are left out, synonyms stand beside what was typed.
import { oneEdit } from "./pr-match.js";
import { STOP, stem, tokens } from "./pr-words.js";

/**
 * One way to meet a term: all of its words. `weight` is what it is worth beside the term as typed, `shown` how it is called.
 * @typedef {{words: string[], weight: number, shown: string, why?: "typo" | "synonym"}} Alternative
 */
/**
 * A word, identifier or "phrase" of a query. `begins`: the reader may still be typing it. `optional`: it only adds to the score.
 * @typedef {{written: string, alternatives: Alternative[], begins: boolean, optional: boolean}} Term
 */
/** @typedef {{same: string[][], also: Record<string, string[]>}} Synonyms of the site, as generator/synonyms.py writes them */

const ASKING = new Set((
  "i me my we our us you your he she they them what why where who whom whose how do does did doing done can could should would may might must"
  + " there here then than so such also just very please am being having not after before about while because any some"
  + " я мы вы он она они мне нам меня нас мой моя мое мои наш не нет ли бы так уже еще есть был была было были быть как где когда почему"
  + " зачем какой какая какие который которая которые можно нужно надо мочь может могу если чтобы после перед при через").split(" "));
const OTHERS = 0.5; // what an identifier adds to its parts
const SYNONYM = 0.7;
const LONGEST = 3; // words of a synonym
const PART = /"([^"]*)"?|([^"]+)/gu;

/**
 * The terms of a query in order, each once, and the words that say nothing. Where all of them say nothing, all are terms.
 * @param {string} query
 * @param {Synonyms} synonyms
 * @returns {{terms: Term[], ignored: string[]}}
 */
export function termsOf(query, synonyms = { same: [], also: {} }) {
  const ending = /[^\s"]$/u.test(query);
  const every = [];
  for (const [, quoted, plain] of query.matchAll(PART)) {
    if (quoted?.trim().includes(" ")) every.push(term(quoted.trim().toLowerCase(), [quoted.trim().toLowerCase()]));
    else for (const token of tokens(quoted ?? plain)) every.push(...termsOfToken(token));
  }
  const last = every.findLast((one) => !one.optional);
  if (last && ending) last.begins = true;
  const unique = [...new Map(every.toReversed().map((one) => [keyOf(one), one])).values()].reverse();
  const silent = (one) => one.alternatives[0].words.every(isSilent);
  const terms = unique.some((one) => !silent(one)) ? unique.filter((one) => !silent(one)) : unique;
  return { terms: withSynonyms(terms, synonyms), ignored: unique.filter((one) => !terms.includes(one)).map(({ written }) => written) };
}

/** Whether a word says nothing. @param {string} word */
export function isSilent(word) {
  return STOP.has(word) || ASKING.has(word);
}

/** Whether a word with one typing error may be one that says nothing. @param {string} word */
export function mayBeSilent(word) {
  return [...STOP, ...ASKING].some((silent) => silent.length > 2 && oneEdit([...word], [...silent]));
}

/** @param {string} written @param {string[]} words @returns {Term} */
function term(written, words, optional = false, weight = 1) {
  return { written, alternatives: [{ words, weight, shown: written }], begins: false, optional };
}

/** An identifier is met as a whole or by all of its parts, other words in one their own each. */
function termsOfToken({ token, pieces }) {
  if (pieces.length === 1) return [term(token, pieces)];
  if (!/\p{Nd}/u.test(token)) return [...pieces.map((piece) => term(piece, [piece])), term(token, [token], true, OTHERS)];
  const whole = term(token, [token]);
  whole.alternatives.push({ words: pieces, weight: 1 / pieces.length, shown: token });
  return [whole];
}

/** @param {Term} one */
function keyOf({ alternatives: [{ words }] }) {
  return stems(words);
}

/** @param {string[]} words */
function stems(words) {
  return words.map(stem).join(" ");
}

/**
 * The terms with their synonyms; where several words together have some, the first of them gets these.
 * @param {Term[]} terms
 * @param {Synonyms} synonyms
 */
function withSynonyms(terms, synonyms) {
  const table = tableOf(synonyms);
  if (!table.size) return terms;
  return terms.map((one, at) => {
    const found = [];
    for (let length = 1; length <= LONGEST && at + length <= terms.length; length++) {
      const words = terms.slice(at, at + length).flatMap(({ alternatives: [first] }) => first.words);
      found.push(...table.get(stems(words)) ?? []);
    }
    const more = found.map((text) => ({ words: tokens(text).flatMap(({ pieces }) => pieces), weight: SYNONYM, shown: text, why: "synonym" }));
    return more.length ? { ...one, alternatives: [...one.alternatives, ...more] } : one;
  });
}

/** What stands for which words, by their stems. @param {Synonyms} synonyms @returns {Map<string, string[]>} */
function tableOf({ same, also }) {
  const table = new Map();
  const add = (text, others) => {
    const key = stems(tokens(text).flatMap(({ pieces }) => pieces));
    table.set(key, [...new Set([...table.get(key) ?? [], ...others])]);
  };
  for (const group of same) for (const text of group) add(text, group.filter((other) => other !== text));
  for (const [text, others] of Object.entries(also)) add(text, others);
  return table;
}
