// Any of the words, the rarer the more: what documents are worth to a query (after BM25).

/** @typedef {import("./search-words.js").Term} Term */
/** @typedef {{documents: Uint32Array, worths: Float32Array}} Holders documents of a word, ascending, with what it is worth in each */
/** @typedef {{documents: number, held: Map<string, Holders>}} Source documents that have words, by `wordKey` */
/** @typedef {{scores: Float32Array, full: Uint8Array, best: number}} Scores `full` marks documents that meet every term */

const PARTIAL = 0.6; // of its score counts what a document would have that meets next to nothing of a query

/** @param {string} word @param {boolean} begins */
export function wordKey(word, begins) {
  return begins ? `${word}*` : word;
}

/**
 * The words that terms ask for, by their keys.
 * @param {Term[]} terms
 * @returns {Map<string, {word: string, begins: boolean}>}
 */
export function wordsIn(terms) {
  const words = new Map();
  for (const { alternatives, begins } of terms) {
    alternatives.forEach((alternative) => alternative.words.forEach((word, at) => {
      const open = begins && !alternative.why && at === alternative.words.length - 1;
      words.set(wordKey(word, open), { word, begins: open });
    }));
  }
  return words;
}

/** How much a word says that so many of the documents have. @param {number} documents @param {number} holders */
export function rarity(documents, holders) {
  return Math.log(1 + (documents - holders + 0.5) / (holders + 0.5));
}

/**
 * What the documents of a source are worth to the terms.
 * @param {Source} source
 * @param {Term[]} terms
 * @param {Map<string, number>} rarities by the keys of words
 * @returns {Scores}
 */
export function scored({ documents, held }, terms, rarities) {
  const scores = new Float32Array(documents);
  const shares = new Float32Array(documents); // of the rarities of all terms
  const met = new Uint16Array(documents);
  const wanted = terms.filter(({ optional }) => !optional);
  const weights = terms.map((term) => weightOf(term, rarities));
  const whole = terms.reduce((sum, { optional }, i) => sum + (optional ? 0 : weights[i]), 0) || 1;
  terms.forEach((term, i) => {
    const add = (document, worth) => {
      scores[document] += worth;
      if (term.optional) return;
      shares[document] += weights[i];
      met[document]++;
    };
    const [key, ...more] = term.alternatives.flatMap((alternative) => keysOf(alternative, term.begins));
    if (more.length) worthsOf(term, held, rarities).forEach((worth, document) => add(document, worth));
    else held.get(key)?.documents.forEach((document, at) => add(document, term.alternatives[0].weight * rarities.get(key) * held.get(key).worths[at]));
  });
  const full = new Uint8Array(documents);
  let best = 0;
  for (let i = 0; i < documents; i++) {
    if (!scores[i]) continue;
    scores[i] *= PARTIAL + (1 - PARTIAL) * Math.min(1, shares[i] / whole);
    full[i] = Number(met[i] === wanted.length);
    best = Math.max(best, scores[i]);
  }
  return { scores, full, best };
}

/** What a phrase is worth beside a single word as rare. @param {string} phrase */
export function phraseWorth(phrase) {
  return (phrase.split(/\s+/).length + 1) / 2;
}

/** Those of the terms that a source was asked for. @param {Term[]} terms @param {Map<string, Holders>} held */
export function askedOf(terms, held) {
  return terms.filter(({ alternatives, begins }) => alternatives.some((alternative) => keysOf(alternative, begins).every((key) => held.has(key))));
}

/** The rarity of a term: that of its first alternative that anything holds, else the greatest. */
function weightOf({ alternatives, begins }, rarities) {
  for (const alternative of alternatives) {
    const own = keysOf(alternative, begins).map((key) => rarities.get(key));
    if (own.every((value) => value !== undefined)) return Math.max(...own);
  }
  return Math.max(1, ...rarities.values());
}

/** @param {import("./search-words.js").Alternative} alternative @param {boolean} begins */
function keysOf({ words, why }, begins) {
  return words.map((word, at) => wordKey(word, begins && !why && at === words.length - 1));
}

/**
 * What a term is worth by document, its best alternative each.
 * @param {Term} term
 * @param {Map<string, Holders>} held
 * @param {Map<string, number>} rarities
 * @returns {Map<number, number>}
 */
function worthsOf(term, held, rarities) {
  const { alternatives, begins } = term;
  const found = new Map();
  const typed = weightOf(term, rarities); // a synonym says no more than the word as typed, however rare it is
  for (const alternative of alternatives) {
    const keys = keysOf(alternative, begins);
    const lists = keys.map((key) => held.get(key));
    if (lists.some((list) => !list?.documents.length)) continue;
    let documentsOf = new Map();
    lists.forEach(({ documents, worths }, at) => {
      const own = rarities.get(keys[at]);
      const factor = alternative.weight * (alternative.why === "synonym" ? Math.min(own, typed) : own);
      const next = new Map();
      for (let i = 0; i < documents.length; i++) {
        const document = documents[i];
        if (!at || documentsOf.has(document)) next.set(document, (documentsOf.get(document) ?? 0) + factor * worths[i]);
      }
      documentsOf = next;
    });
    for (const [document, worth] of documentsOf) if (!(found.get(document) >= worth)) found.set(document, worth);
  }
  return found;
}
