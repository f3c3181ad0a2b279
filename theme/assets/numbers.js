/**
 * Numbers that readers type, and the forms that policy.yml gives them (kb/policy_cases.py). Case, spaces and hyphens do not matter.
 * @typedef {{name: string, pattern: string, parts: [string, string][], never: string, example: string}} Form `parts` are [kind, text]
 * @typedef {{form: Form, fits: "whole" | "begins" | "no", at: number, letter: string, guess: string}} Fit `at` counts from 1
 */
import { normal } from "./seal-key.js";

const ALIKE = { O: "0", Q: "0", D: "0", I: "1", L: "1", "|": "1", Z: "2", S: "5", G: "6", B: "8" };
const DIGITS = "0123456789";
const CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LENGTHS = { year: 4, month: 2, day: 2 };

/**
 * How well a text fits the form that it fits best; null where no form is known or nothing was typed.
 * @param {string} text
 * @param {Form[]} forms
 * @returns {Fit | null}
 */
export function fit(text, forms) {
  const typed = normal(text);
  if (!typed) return null;
  const order = (/** @type {Fit} */ one) => 2 * ["no", "begins", "whole"].indexOf(one.fits) + Number(Boolean(one.guess));
  const fits = forms.map((form) => fitOne(typed, form));
  return fits.reduce((best, one) => (!best || order(one) > order(best) || (order(one) === order(best) && one.at > best.at) ? one : best), null);
}

/** Whether a text is a number of one of the forms. @param {string} text @param {Form[]} forms */
export function isKnown(text, forms) {
  const typed = normal(text);
  return forms.some((form) => isWhole(typed, form));
}

/** A number as its form writes it, with its hyphens; as it is in keys where no form fits. @param {string} text @param {Form[]} forms */
export function asWritten(text, forms) {
  const typed = normal(text);
  const form = forms.find((one) => isWhole(typed, one) && !one.parts.slice(0, -1).some(([kind]) => kind === "number"));
  let at = 0;
  return (form?.parts ?? []).map(([kind, part]) => {
    const letters = kind === "text" ? normal(part).length : kind === "number" ? typed.length - at : LENGTHS[kind] ?? part.length;
    at += letters;
    return kind === "text" ? part : typed.slice(at - letters, at);
  }).join("") || typed;
}

/** Other ways to read a number that was not found: letters as the digits that look like them, and the reverse. @param {string} text */
export function readings(text) {
  const typed = normal(text);
  const found = [typed.replace(/[OQ]/g, "0").replace(/[IL]/g, "1"), typed.replaceAll("0", "O"), typed.replaceAll("1", "I")];
  return [...new Set(found)].filter((one) => one !== typed);
}

/** @param {string} typed @param {Form} form @returns {Fit} */
function fitOne(typed, form) {
  if (isWhole(typed, form)) return { form, fits: "whole", at: typed.length, letter: "", guess: "" };
  const { places, rest } = read(form);
  const letters = [...typed];
  const allowed = (/** @type {number} */ at) => places[at] ?? rest;
  const wrong = letters.findIndex((letter, at) => !allowed(at).includes(letter));
  const begins = wrong < 0 && letters.length < places.length + Number(rest === CHARACTERS);
  const guessed = letters.map((letter, at) => likeness(letter, allowed(at))).join("");
  const guess = !begins && guessed !== typed && fitOne(guessed, form).fits !== "no" ? guessed : "";
  return { form, fits: begins ? "begins" : "no", at: wrong < 0 ? letters.length : wrong + 1, letter: letters[wrong] ?? "", guess };
}

/** The letter that may stand at a place and looks like the one that does. @param {string} letter @param {string} allowed */
function likeness(letter, allowed) {
  if (allowed.includes(letter)) return letter;
  const digit = ALIKE[letter] ?? letter;
  if (allowed.length === 1) return (ALIKE[allowed] ?? allowed) === digit ? allowed : letter;
  return allowed.includes(digit) ? digit : letter;
}

/** Whether a text is a number of this form, with a day that exists. @param {string} typed @param {Form} form */
function isWhole(typed, form) {
  const found = read(form).whole.exec(typed);
  if (!found) return false;
  const { year = "2000", month = "1", day = "1" } = found.groups ?? {};
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return Number(year) > 0 && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

const forms = new WeakMap(); // Form -> what `read` makes of it

/**
 * What may stand at each place of a form and, in `rest`, past the last place that is known; the form as an expression.
 * @param {Form} form
 * @returns {{whole: RegExp, places: string[], rest: string}}
 */
function read(form) {
  if (!forms.has(form)) {
    const characters = [...CHARACTERS].filter((letter) => !form.never.includes(letter)).join("");
    const written = form.parts.map(([kind, text]) => (kind === "text" ? escaped(normal(text)) : kind === "number" ? "[1-9][0-9]*"
      : kind === "digits" ? `[0-9]{${text.length}}` : kind === "characters" ? `[${characters}]{${text.length}}` : `(?<${kind}>[0-9]{${LENGTHS[kind]}})`));
    const open = form.parts.findIndex(([kind]) => kind === "number"); // from there on no place is known
    const places = form.parts.slice(0, open < 0 ? undefined : open + 1).flatMap(([kind, text]) => (kind === "text" ? [...normal(text)]
      : kind === "number" ? [DIGITS.slice(1)] : Array(LENGTHS[kind] ?? text.length).fill(kind === "characters" ? characters : DIGITS)));
    const rest = open < 0 ? "" : open === form.parts.length - 1 ? DIGITS : CHARACTERS;
    forms.set(form, { whole: new RegExp(`^${written.join("")}$`, "u"), places, rest });
  }
  return forms.get(form);
}

/** @param {string} text */
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
