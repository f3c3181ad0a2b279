// How what was found is shown, below a box and on the search page.
import { element } from "./dom.js";
import { resultCount, say, texts } from "./texts.js";

/** @typedef {import("./find.js").Found} Found */
/** @typedef {import("./find.js").Group} Group */
/** @typedef {import("./find.js").Result} Result */

export const KINDS = ["article", "report", "advisory", "notice", "bulletin", "guide", "release"];

/** What several records of a kind are called. @param {string} kind */
export function plural(kind) {
  return texts()[{ advisory: "advisories" }[kind] ?? `${kind}s`] ?? texts().results ?? kind;
}

/** A number as the page's language writes it. @param {number} count */
export function figure(count) {
  return count.toLocaleString(document.documentElement.lang);
}

/** The kind of a result in the page's language, with its id. @param {Result} result */
export function kindOf(result) {
  return [result.id, texts()[result.kind]].filter(Boolean).join(" · ");
}

/**
 * Groups without the record that is shown before them, and of each at most so many results.
 * @param {Found} found @param {number} most @returns {Group[]}
 */
export function groupsOf({ jump, groups }, most) {
  return groups.map((group) => {
    const others = group.results.filter((result) => result.href !== jump?.href);
    return { ...group, total: group.total - group.results.length + others.length, results: others.slice(0, most) };
  }).filter((group) => group.results.length);
}

/** The number of results; the record that is named may be in no group. @param {Found} found */
export function countOf({ jump, total }) {
  return total || (jump ? 1 : 0);
}

/**
 * What a search came to, in words.
 * @param {string} query
 * @param {Found | null} found
 */
export function outcome(query, found) {
  if (!found) return texts().failed ?? "";
  const away = found.away ? texts().away : "";
  if (countOf(found)) return [resultCount(countOf(found)), away].filter(Boolean).join(". ");
  return [say("none", { query }), found.unknown?.nearest.length ? "" : texts().hint, away].filter(Boolean).join(" ");
}

/**
 * An excerpt's text with its marks; nothing else of its HTML is taken over.
 * @param {string} html
 */
export function excerptOf(html) {
  const [text, ...marks] = html.split(/<mark(?:\s[^<>]*)?>/i);
  return [plain(text), ...marks.flatMap((part) => {
    const [marked, ...after] = part.split(/<\/mark\s*>/i);
    return [element("mark", {}, plain(marked)), plain(after.join(""))];
  })];
}

/** Text of a piece of HTML without its tags. @param {string} html */
function plain(html) {
  return html.replace(/<\/?[a-z!][^<>]*>/gi, "").replace(/&(#x?[0-9a-f]{1,6}|[a-z]+);/gi, (written, name) => characterOf(name.toLowerCase()) ?? written);
}

/** @param {string} name of a character reference */
function characterOf(name) {
  if (!name.startsWith("#")) return { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" }[name];
  const code = name[1] === "x" ? parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Attributes of a text in the language of a result. @param {Result} result @returns {Record<string, string>} */
export function languageOf({ language }) {
  return language && language !== document.documentElement.lang ? { lang: language } : {};
}

/** Says that a result is in another language than the page; nothing where it is not. @param {Result} result @returns {Node[]} */
export function languageTag(result) {
  const { lang } = languageOf(result);
  if (!lang) return [];
  const tag = element("span", { class: "wp-tag" }, element("span", { "aria-hidden": "true" }, lang.slice(0, 8).toUpperCase()),
    element("span", { class: "wp-visually-hidden" }, languageName(lang)));
  return [tag];
}

/** @param {string} language */
function languageName(language) {
  try {
    return new Intl.DisplayNames(document.documentElement.lang, { type: "language" }).of(language) ?? language;
  } catch { // no language at all
    return language;
  }
}

/**
 * Where all results of a query stand.
 * @param {HTMLFormElement} form
 * @param {string} query
 */
export function allResults(form, query) {
  return `${form.action}?${new URLSearchParams({ q: query })}`;
}
