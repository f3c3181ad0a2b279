// Search by an OpenSearch cluster that holds what `waypost export opensearch` wrote; docs/opensearch.md has request and answer.
import { escaped, languageRoot } from "./dom.js";
import { find } from "./find.js";
import { parseQuery, QueryError } from "./pr-query.js";
import { nameOf } from "./pr-words.js";

/** @typedef {import("./find.js").Found} Found */
/** @typedef {import("./find.js").Options} Options */
/** @typedef {import("./pr-query.js").Words} Words */
/** @typedef {import("./pr-query.js").Filter} Filter */

const LATE = 4_000; // ms after which an answer is no longer waited for
const REST = 30_000; // ms without questions after one that had no answer
const LONGEST_NAME = 60;
const FEWEST = 30; // results that are asked for, of all kinds together
const OTHER = "other"; // holds the texts in languages that the portal does not have
const OPERATORS = "PHRASE|PREFIX|OR|PRECEDENCE|ESCAPE|WHITESPACE";
const KINDS = ["article", "report", "advisory", "notice", "bulletin"];
const PATH = /^[a-z]+\/[A-Za-z0-9][\w.-]*\/$/;
const FIELDS = { affects: "affects", fixed: "fixed", product: "products", platform: "platforms", component: "component",
  severity: "severity", status: "status", kind: "kind", has: "has" };

/**
 * A function that asks the engine, and the portal's own index where the engine does not answer well.
 * @param {string} endpoint address that takes POST, ending in `_search`
 * @param {string[]} fields languages that texts are kept by
 * @returns {(query: string, options: Options & {signal: AbortSignal}) => Promise<Found>}
 */
export function asker(endpoint, fields) {
  const language = document.documentElement.lang;
  let rests = 0; // until this time
  return async (query, options) => {
    if (Date.now() >= rests) {
      try {
        const body = requestBody(query, language, fields, Math.max(FEWEST, options.limit ?? 0), options);
        return foundIn(await answerOf(endpoint, body, options.signal), language, languageRoot(), query);
      } catch (error) {
        if (options.signal.aborted) throw error;
        rests = Date.now() + REST;
      }
    }
    return { ...await find(query, options), away: true };
  };
}

/** @param {string} endpoint @param {object} body @param {AbortSignal} signal */
async function answerOf(endpoint, body, signal) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const late = setTimeout(abort, LATE);
  signal.addEventListener("abort", abort);
  try {
    const answer = await fetch(endpoint, { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body), signal: stop.signal, redirect: "error" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return await answer.json();
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", abort);
  }
}

/**
 * The body of a search request.
 * @param {string} query words, "phrases", -exclusions, beginnings* and filters, as in PR Search
 * @param {string} language of the page, whose texts count more
 * @param {string[]} fields languages that texts are kept by
 * @param {number} size results wanted
 * @param {Options} options what it is narrowed to, which does not change the counts of its own kind
 */
export function requestBody(query, language, fields, size, { kinds = [], product = "", release = "" } = {}) {
  const { words, filters } = read(query);
  const wanted = words.filter((item) => !item.excluded);
  const kept = filters.filter((item) => !item.excluded).map(condition);
  const without = [...words.filter((item) => item.excluded).map((item) => inAnyLanguage([item], language, fields)),
    ...filters.filter((item) => item.excluded).map(condition)];
  const ofKinds = kinds.length ? [{ terms: { kind: kinds } }] : [];
  const ofProduct = product ? [{ term: { products: product } }] : [];
  if (release) kept.push({ bool: { should: [{ term: { affects: release } }, { term: { fixed: release } }] } });
  return {
    size, timeout: "3s", track_total_hits: true, _source: ["id", "kind", "path", "language", "title", "summary", "products"],
    query: { bool: {
      ...(wanted.length ? { should: [inAnyLanguage(wanted, language, fields), ...named(wanted)], minimum_should_match: 1 } : {}),
      filter: kept, must_not: without,
    } },
    ...(ofKinds.length + ofProduct.length ? { post_filter: { bool: { filter: [...ofKinds, ...ofProduct] } } } : {}),
    aggs: { kind: counted("kind", ofProduct), product: counted("products", ofKinds) },
    sort: ["_score", { updated: "desc" }, { id: "asc" }],
    highlight: { encoder: "html", pre_tags: ["<mark>"], post_tags: ["</mark>"], number_of_fragments: 1, fragment_size: 160,
      fields: Object.fromEntries(fields.map((field) => [`text.${field}`, {}])) },
  };
}

/** Numbers of records by the values of a field, of those that fit other conditions. @param {string} field @param {object[]} conditions */
function counted(field, conditions) {
  return { filter: { bool: { filter: conditions } }, aggs: { values: { terms: { field, size: 50 } } } };
}

/** Parts of a query; where a filter's value cannot be, all of it is words. @param {string} query */
function read(query) {
  try {
    return parseQuery(query);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { words: query.split(/\s+/).filter(Boolean).map((text) => ({ text })), filters: [] };
  }
}

/**
 * All words in the texts of one language, whichever: each language has its own analyser, and a word that one of them leaves out
 * (`the`) would be missed in the others.
 * @param {Words[]} words @param {string} language @param {string[]} fields
 */
function inAnyLanguage(words, language, fields) {
  const query = words.map(written).join(" ");
  return { dis_max: { queries: fields.map((field) => ({ simple_query_string: {
    query, fields: [`title.${field}^8`, `names.${field}^8`, `summary.${field}^3`, `keywords.${field}^3`, `text.${field}`],
    default_operator: "and", flags: OPERATORS, boost: field === language ? 2 : 1,
  } })) } };
}

/** A word or phrase as simple_query_string reads it. @param {Words} words */
function written({ text, phrase, prefix }) {
  const plain = text.replace(/[\\"|()*~+]/g, "\\$&").replace(/^-/, "\\-");
  if (phrase) return `"${text.replace(/[\\"]/g, "\\$&")}"`;
  return prefix ? `(${plain}|${plain}*)` : plain;
}

/** Records that go by this name, or by one that begins so. @param {Words[]} words */
function named(words) {
  const name = nameOf(words.map((item) => item.text).join(" "));
  if (!name || name.length > LONGEST_NAME) return [];
  const whole = { term: { names: { value: name, boost: 1000 } } };
  return /\d/.test(name) && name.length > 3 ? [whole, { prefix: { names: { value: name, boost: 100 } } }] : [whole];
}

/** @param {Filter} filter */
function condition({ name, values }) {
  return name === "since" ? { range: { updated: { gte: [...values].sort()[0] } } } : { terms: { [FIELDS[name]]: values } };
}

/**
 * What an answer holds; throws an error where it is none, or not the whole. Nothing of it is taken for HTML or an address as it is.
 * @param {any} answer
 * @param {string} language
 * @param {string} root of the tree of this language
 * @param {string} query
 * @returns {Found}
 */
export function foundIn(answer, language, root, query) {
  const { hits, timed_out: late, _shards: shards, aggregations } = answer;
  if (late || shards?.failed || !Array.isArray(hits.hits)) throw new Error("incomplete");
  const results = hits.hits.filter((hit) => PATH.test(hit._source?.path)).map((hit) => resultOf(hit, language, root));
  const counts = { kind: countsIn(aggregations?.kind), product: countsIn(aggregations?.product) };
  const totals = new Map(counts.kind);
  const kinds = [...new Set(results.map((result) => result.kind))];
  const groups = kinds.map((kind) => {
    const own = results.filter((result) => result.kind === kind);
    return { kind, total: Math.max(own.length, totals.get(kind) ?? 0), results: own };
  });
  return {
    jump: results.find((result) => nameOf(result.id) === nameOf(query)) ?? null, unknown: null, groups,
    total: Number(hits.total?.value ?? hits.total ?? results.length),
    facets: { kind: counts.kind, product: counts.product.map(([id, count]) => [id, id, count]), release: [] },
    understood: { corrected: [], synonyms: [], ignored: [], relaxed: false, message: false },
  };
}

/** @param {any} hit @param {string} language @param {string} root @returns {import("./find.js").Result} */
function resultOf({ _source: source, highlight }, language, root) {
  const written = Object.hasOwn(Object(source.title), language) ? language : String(source.language ?? "");
  return {
    href: new URL(source.path, root).href, id: String(source.id ?? ""), kind: KINDS.includes(source.kind) ? source.kind : "", language: written,
    title: inLanguage(source.title, language, source.language) || String(source.id ?? ""),
    excerpt: String(inLanguage(asTexts(highlight), language, source.language) || escaped(inLanguage(source.summary, language, source.language))),
    products: [source.products ?? []].flat().map(String), releases: [],
  };
}

/** Values that an answer counts. @param {any} counted @returns {[string, number][]} */
function countsIn(counted) {
  const buckets = counted?.values?.buckets;
  return Array.isArray(buckets) ? buckets.map(({ key, doc_count: count }) => [String(key), Number(count)]) : [];
}

/** A text in the page's language, else in the record's, else in any. @param {any} texts @param {string} language @param {string} original */
function inLanguage(texts, language, original) {
  const known = Object(texts);
  const keys = [language, original, OTHER, ...Object.keys(known)];
  const key = keys.find((name) => Object.hasOwn(known, name));
  return key ? String([known[key]].flat()[0] ?? "") : "";
}

/** Marked parts by language. @param {any} highlight */
function asTexts(highlight) {
  return Object.fromEntries(Object.entries(Object(highlight)).map(([name, parts]) => [name.replace(/^text\./, ""), parts]));
}
