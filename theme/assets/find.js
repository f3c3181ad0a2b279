// One search for everything: prose from Pagefind, problem reports and texts in other languages from the PR index, names, messages.
import { byMessage } from "./messages.js";
import { lookUp } from "./names.js";
import { conditions } from "./pr-filter.js";
import { meet } from "./pr-lists.js";
import { QueryError } from "./pr-query.js";
import { openProse } from "./prose.js";
import { openRecords } from "./records.js";
import { ask } from "./search-asking.js";
import { grouped, instead } from "./search-results.js";
import { askedOf, scored } from "./search-scores.js";
import { termsOf } from "./search-words.js";

/**
 * A record, guide or release. `excerpt` is HTML with `<mark>` only, `products` are ids, `releases` those that fix it, `language` that of
 * the title; `score` compares the results of one search.
 * @typedef {{href: string, title: string, kind: string, id: string, language: string, excerpt: string, products: string[],
 *   releases: string[], score?: number, why?: string}} Result
 */
/** @typedef {{kind: string, total: number, results: Result[]}} Group kinds: article report advisory notice bulletin guide release */
/**
 * What was found. `jump` is the one record that an identifier names, `unknown` an identifier that nobody has; `groups` stand best first.
 * `understood` says how the query was read: `relaxed` where nothing has all of its words, `message` where it is a pasted log line.
 * @typedef {{jump: Result | null, unknown: {id: string, nearest: Result[]} | null, groups: Group[], total: number,
 *   facets: {kind: [string, number][], product: [string, string, number][], release: [string, number][]},
 *   understood: {corrected: [string, string][], synonyms: [string, string][], ignored: string[], relaxed: boolean, message: boolean},
 *   away?: boolean}} Found `away` where a search engine should have answered
 */
/**
 * `limit` of each group; without `facets` those of products and releases are not counted, which saves files.
 * @typedef {{limit?: number, kinds?: string[], product?: string, release?: string, facets?: boolean, signal?: AbortSignal}} Options
 */

const LONGEST = 2000; // characters of a query
const FEW = 4; // terms, all of which must be met where anything meets them
const LEAST = 0.3; // of the best score; what is worth less is not shown
const LISTED = 3; // parts of the index at most that the counting of releases may take
const FIRST = 1000; // score of what a message quotes

let synonyms; // promise of the site's, loaded with the first search

function openSynonyms() {
  synonyms ??= fetch(new URL("../search/synonyms.json", import.meta.url))
    .then((answer) => (answer.ok ? answer.json() : { same: [], also: {} }), () => ({ same: [], also: {} }));
  return synonyms;
}

/** Loads what every search needs before it is asked for. */
export function warmUp() {
  for (const open of [openProse, openRecords, openSynonyms]) open().catch(() => {});
}

/**
 * Finds everything that has to do with a query.
 * @param {string} query
 * @param {Options} options
 * @returns {Promise<Found>}
 */
export async function find(query, { limit = 5, kinds = [], product = "", release = "", facets = true, signal } = {}) {
  const stopped = () => signal?.throwIfAborted();
  const [{ jump, unknown }, messages, records, prose, known] = await Promise.all([
    lookUp(query), byMessage(query), openRecords(), openProse(), openSynonyms()]);
  stopped();
  const { terms, ignored } = termsOf(query.slice(0, LONGEST), known);
  const asked = await ask(terms, records, prose);
  stopped();
  const recordScores = scored({ documents: records.documents, held: asked.records }, asked.terms, asked.rarities);
  const pageScores = scored({ documents: prose.documents, held: asked.prose }, askedOf(asked.terms, asked.prose), asked.rarities);
  const met = recordScores.full.includes(1) || pageScores.full.includes(1);
  const strict = met && asked.terms.filter(({ optional }) => !optional).length <= FEW;
  const least = LEAST * Math.max(recordScores.best, pageScores.best);
  const filters = [...(product ? [{ name: "product", values: [product] }] : []), ...(release ? [{ name: "affects", values: [release] }] : [])];
  const ordinals = await within(records, chosen(recordScores, strict, least), filters);
  const pages = filters.length ? new Uint32Array() : chosen(pageScores, strict, least);
  stopped();
  const groups = await grouped({ asked, records, prose, recordScores, pageScores, kinds: await records.kinds(), ordinals, pages, strict, limit });
  if (messages) put(groups, messages, limit);
  groups.sort((a, b) => (b.results[0]?.score ?? 0) - (a.results[0]?.score ?? 0));
  const shown = groups.filter(({ kind }) => !kinds.length || kinds.includes(kind));
  const wanted = kinds.length ? await ofKinds(records, ordinals, kinds) : ordinals;
  const counted = facets && terms.length ? await counts(records, wanted) : { product: [], release: [] };
  stopped();
  const first = recordScores.scores.indexOf(recordScores.best);
  const total = shown.reduce((sum, group) => sum + group.total, 0);
  return {
    jump, unknown, groups: shown, total,
    facets: { kind: groups.map(({ kind, total }) => [kind, total]), ...counted },
    understood: { corrected: instead(asked, "typo", first), synonyms: instead(asked, "synonym", first), ignored,
      relaxed: total > 0 && !met, message: Boolean(messages?.length) },
  };
}

/** Documents that match: all that meet every term, or all that are worth enough. @returns {Uint32Array} */
function chosen({ scores, full }, strict, least) {
  const found = [];
  for (let i = 0; i < scores.length; i++) if (strict ? full[i] : scores[i] > 0 && scores[i] >= least) found.push(i);
  return Uint32Array.from(found);
}

/** Those of the records that pass the filters; none where a filter names what is not known. @param {Uint32Array} ordinals */
async function within(records, ordinals, filters) {
  if (!filters.length) return ordinals;
  const limits = await conditions(records.index.keys, filters, () => records.index.options()).catch((error) => {
    if (error instanceof QueryError) return [{ matches: { ordinals: new Uint32Array(), scores: new Uint32Array() } }];
    throw error;
  });
  const all = { ordinals, scores: new Uint32Array(ordinals.length) };
  return meet([all, ...limits.map(({ matches }) => matches)]).ordinals.slice();
}

/** @param {Uint32Array} ordinals @param {string[]} kinds */
async function ofKinds(records, ordinals, kinds) {
  const known = await records.kinds();
  return ordinals.filter((ordinal) => kinds.includes(known[ordinal]));
}

/** How many of the records have which product and affect which release, most first. @param {Uint32Array} ordinals */
async function counts(records, ordinals) {
  const { index } = records;
  const [options, products] = await Promise.all([index.options(), index.counts(ordinals, "product")]);
  const { lang } = document.documentElement;
  const names = new Map(options.products.map(({ id, name, names: own }) => [id, own[lang] ?? name]));
  const [first, last] = index.keys.table.parts("=affects:");
  const affected = last - first < LISTED ? await index.counts(ordinals, "affects") : [];
  const written = new Map(options.products.flatMap(({ releases }) => releases.map(({ id }) => [id.toLowerCase(), id])));
  const releases = new Map();
  for (const [value, count] of affected) {
    const release = written.get(value.slice(value.indexOf("/") + 1).split("@")[0]);
    if (release && !value.includes("@")) releases.set(release, (releases.get(release) ?? 0) + count);
  }
  return { product: products.map(([id, count]) => [id, names.get(id) ?? id, count]), release: [...releases].sort(([, m], [, n]) => n - m) };
}

/** Puts what a message quotes before all else. @param {Group[]} groups @param {Result[]} messages @param {number} limit */
function put(groups, messages, limit) {
  messages.forEach((result, place) => {
    let group = groups.find(({ kind }) => kind === result.kind);
    if (!group) groups.push(group = { kind: result.kind, total: 0, results: [] });
    const others = group.results.filter(({ href }) => href !== result.href);
    group.total += group.results.length === others.length ? 1 : 0;
    const before = others.filter(({ score }) => score > FIRST - messages.length);
    const made = { ...result, score: FIRST - place };
    group.results = [...before, made, ...others.slice(before.length)].slice(0, limit);
  });
}
