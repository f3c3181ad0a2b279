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

/**
 * What a search came to, in words.
 * @param {string} query
 * @param {Found | null} found
 */
export function outcome(query, found) {
  if (!found) return texts().failed ?? "";
  const away = found.away ? texts().away : "";
  if (found.total) return [resultCount(found.total), away].filter(Boolean).join(". ");
  return [say("none", { query }), found.unknown?.nearest.length ? "" : texts().hint, away].filter(Boolean).join(" ");
}

/**
 * An excerpt's text with its marks; nothing else of its HTML is taken over.
 * @param {string} html
 */
export function excerptOf(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return [...parsed.body.childNodes].map((node) => {
    const text = node.textContent ?? "";
    return node.nodeName === "MARK" ? element("mark", {}, text) : text;
  });
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
