// How a search is run: what searches is loaded with the first one.

/** @typedef {import("./find.js").Found} Found */
/** @typedef {import("./find.js").Options} Options */
/** @typedef {(query: string, options: Options) => Promise<Found>} Ask */

export const LONGEST = 1000; // characters of a query; an address has to hold it, percent-encoded
export const PAUSE = 150; // ms without a key before a search starts
const SLOW = 200; // ms after which a search says that it is running

const finder = () => import("./find.js");

/** Loads the index before it is needed. */
export function warmUp() {
  finder().then((module) => module.warmUp()).catch(() => {});
}

/** @type {Ask} */
export async function ask(query, options) {
  return (await finder()).find(query, options);
}

/** What is asked with a text: one line of it, not longer than an address can hold. @param {string} text */
export function asked(text) {
  return [...text.replace(/[\s\p{Cc}\p{Cs}]+/gu, " ").trim()].slice(0, LONGEST).join("").trim();
}

/**
 * A function that searches and ends when the outcome is shown; of several searches under way only the latest is shown, the others
 * are told to stop.
 * @param {() => void} wait called where a search takes long
 * @param {(query: string, found: Found | null) => void} show called with the outcome, null where nothing could be asked
 * @param {Ask} engine
 * @returns {(query: string, options: Options) => Promise<void>}
 */
export function searcher(wait, show, engine = ask) {
  let latest = new AbortController();
  return async (query, options) => {
    latest.abort();
    const { signal } = latest = new AbortController();
    const slow = setTimeout(() => { if (!signal.aborted) wait(); }, SLOW);
    const found = query ? await engine(query, { ...options, signal }).catch(() => null) : null;
    clearTimeout(slow);
    if (!signal.aborted) show(query, found);
  };
}

/**
 * Several lines that are pasted or dropped into a box become one; a browser would run them together.
 * @param {HTMLInputElement} input
 */
export function takeLines(input) {
  /** @param {Event} event @param {DataTransfer | null} data */
  const take = (event, data) => {
    const text = data?.getData("text/plain") ?? "";
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    input.focus();
    if (!document.execCommand("insertText", false, asked(text))) { // which can be undone
      input.setRangeText(asked(text), input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  input.addEventListener("paste", (event) => take(event, event.clipboardData));
  input.addEventListener("drop", (event) => take(event, event.dataTransfer));
}
