// From scores to what is shown: results in groups by kind, the best first.
import { languageRoot } from "./dom.js";
import { excerptAt, markedText } from "./excerpts.js";
import { stem, tokens } from "./pr-words.js";
import { wordKey } from "./search-scores.js";

/** @typedef {import("./find.js").Result} Result */
/** @typedef {import("./find.js").Group} Group */
/** @typedef {import("./search-asking.js").Asked} Asked */
/** @typedef {import("./search-scores.js").Scores} Scores */
/**
 * What to make results of: the records that match by ordinal with the kinds of all, the pages that match; `strict` where all
 * match the whole query.
 * @typedef {{asked: Asked, records: import("./records.js").Records, prose: import("./prose.js").Prose, recordScores: Scores,
 *   pageScores: Scores, kinds: string[], ordinals: Uint32Array, pages: Uint32Array, strict: boolean, limit: number}} Matched
 */

const SECTIONS = { article: "kb", report: "pr", advisory: "advisories", notice: "notices", bulletin: "bulletins" };
const ELSEWHERE = 0.6; // what a text in another language is worth

/**
 * The groups of results by kind, without order.
 * @param {Matched} matched
 * @returns {Promise<Group[]>}
 */
export async function grouped(matched) {
  const { prose, kinds, ordinals, pages } = matched;
  const recordsOf = Map.groupBy(ordinals, (ordinal) => kinds[ordinal]);
  const pagesOf = Map.groupBy(pages, (page) => prose.kindOf(page));
  const names = [...new Set([...recordsOf.keys(), ...pagesOf.keys()])];
  return Promise.all(names.map((kind) => group(kind, recordsOf.get(kind) ?? [], pagesOf.get(kind) ?? [], matched)));
}

/**
 * Pages speak for themselves; beside them stand records that only the other index finds: reports, and texts in other languages.
 * @param {string} kind
 * @param {number[]} ordinals
 * @param {number[]} pages
 * @param {Matched} matched
 */
async function group(kind, ordinals, pages, matched) {
  const { records, prose, recordScores, pageScores, strict, limit } = matched;
  const more = ordinals.length > pages.length ? best(ordinals, recordScores.scores, limit, (a, b) => b - a) : [];
  const [cards, own] = await Promise.all([
    records.index.cards(more), Promise.all(best(pages, pageScores.scores, limit, (a, b) => (prose.ids[a] < prose.ids[b] ? -1 : 1)).map((page) => pageResult(page, kind, matched)))]);
  const known = new Map(own.map((result) => [result.id, result]));
  for (const card of cards) {
    const page = known.get(card.id);
    if (page) Object.assign(page, { products: card.products });
    else own.push(recordResult(card, matched));
  }
  const { lang } = document.documentElement;
  own.sort((a, b) => (strict ? Number(b.language === lang) - Number(a.language === lang) : 0) || b.score - a.score);
  return { kind, total: Math.max(ordinals.length, pages.length), results: own.slice(0, limit) };
}

/**
 * The best of some documents.
 * @param {number[]} documents
 * @param {Float32Array} scores
 * @param {number} limit
 * @param {(a: number, b: number) => number} among order of equal ones
 */
function best(documents, scores, limit, among) {
  return [...documents].sort((a, b) => scores[b] - scores[a] || among(a, b)).slice(0, limit);
}

/** @param {number} page @param {string} kind @param {Matched} matched @returns {Promise<Result>} */
async function pageResult(page, kind, { asked, pageScores }) {
  /** @type {Map<number, number>} */
  const places = new Map();
  let match;
  for (const [key, { documents, found }] of asked.prose) {
    const at = documents.indexOf(page);
    if (at < 0) continue;
    match = found[at];
    for (const place of match.words) places.set(place, asked.rarities.get(key) ?? 1);
  }
  const { url, content, meta } = await match.data();
  const head = content.startsWith(`${meta.id} `) ? `${meta.id} ${meta.title}`.split(/\s+/).length : 0; // which results show anyway
  for (const place of [...places.keys()]) if (place < head) places.delete(place);
  return { href: new URL(url, location.href).href, title: meta.title ?? url, kind, id: meta.id ?? "", language: document.documentElement.lang,
    excerpt: excerptAt(content, places, head), products: [], releases: [], score: pageScores.scores[page] };
}

/** @param {import("./pr-index.js").Card} card @param {Matched} matched @returns {Result} */
function recordResult(card, { asked, recordScores }) {
  const { lang } = document.documentElement;
  const language = card.texts[lang] ? lang : Object.keys(card.texts)[0];
  const [title, excerpt] = card.texts[language];
  const { stems, begun } = marksOf(asked);
  return { href: new URL(`${SECTIONS[card.kind]}/${encodeURIComponent(card.id)}/`, languageRoot()).href, title, kind: card.kind, id: card.id,
    language, excerpt: markedText(excerpt === title ? "" : excerpt, stems, begun), products: card.products,
    releases: card.fixed.map((fix) => fix.slice(fix.indexOf("/") + 1)),
    score: recordScores.scores[card.ordinal] * (language === lang ? 1 : ELSEWHERE) };
}

/** What is marked in the texts of records. @param {Asked} asked */
function marksOf({ terms }) {
  const words = terms.flatMap(({ alternatives }) => alternatives.flatMap((alternative) => alternative.words));
  const open = terms.find(({ begins }) => begins)?.alternatives[0].words.at(-1) ?? "";
  return { stems: new Set(words.flatMap((word) => tokens(word).flatMap(({ pieces }) => pieces.map(stem)))), begun: open.length > 2 ? open : "" };
}

/**
 * For each term that has alternatives of a kind, that one which the best record holds, else the first that anything holds.
 * @param {Asked} asked
 * @param {"typo" | "synonym"} why
 * @param {number} ordinal of the best record
 * @returns {[string, string][]}
 */
export function instead({ terms, records, prose }, why, ordinal) {
  return terms.flatMap(({ written, alternatives }) => {
    const others = alternatives.filter((alternative) => alternative.why === why);
    const holds = ({ words }) => words.every((word) => records.get(wordKey(word, false))?.documents.includes(ordinal));
    const known = ({ words }) => words.every((word) => records.get(wordKey(word, false))?.documents.length || prose.get(wordKey(word, false))?.documents.length);
    const chosen = others.find(holds) ?? others.find(known);
    return chosen ? [[written, chosen.shown]] : [];
  });
}
