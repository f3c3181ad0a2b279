/**
 * Numbers that readers type, and the forms that policy.yml gives them (kb/policy_cases.py). Case, spaces and hyphens do not matter.
 * @typedef {{name: string, pattern: string, parts: [string, string][], never: string, example: string}} Form `parts` are [kind, text]
 * @typedef {{form: Form, fits: "whole" | "begins" | "no", at: number, letter: string, guess: string}} Fit `at` counts from 1
 */
import { normal } from "./seal-key.js";

const ALIKE = { O: "0", Q: "0", D: "0", I: "1", L: "1", "|": "1", Z: "2", S: "5", G: "6", B: "8" };
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
  const order = ["no", "begins", "whole"];
  const fits = forms.map((form) => fitOne(typed, form));
  return fits.reduce((best, one) => (!best || order.indexOf(one.fits) > order.indexOf(best.fits) || (one.fits === best.fits && one.at > best.at) ? one : best), null);
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
  const middle = form.parts.findIndex(([kind], at) => kind === "number" && at < form.parts.length - 1);
  const classes = form.parts.slice(0, middle < 0 ? undefined : middle).flatMap(([kind, text]) =>
    (kind === "text" ? [...normal(text)] : kind === "number" ? ["1-9"]
      : Array(LENGTHS[kind] ?? text.length).fill(kind === "characters" ? characters(form) : "0-9")));
  const open = middle >= 0; // past a number of any length no place is known
  const expected = (/** @type {number} */ at) => classes[at] ?? (open ? null : form.parts.at(-1)?.[0] === "number" ? "0-9" : "");
  const letters = [...typed];
  const fitting = (/** @type {string} */ letter, /** @type {string | null} */ one) => one === null || (one.length > 1 ? new RegExp(`^[${one}]$`).test(letter) : letter === one);
  const wrong = letters.findIndex((letter, at) => !fitting(letter, expected(at)));
  const begins = wrong < 0 && (open || letters.length < classes.length);
  const guessed = letters.map((letter, at) => likeness(letter, expected(at))).join("");
  const guess = !begins && guessed !== typed && fitOne(guessed, form).fits !== "no" ? guessed : "";
  return { form, fits: begins ? "begins" : "no", at: wrong < 0 ? letters.length : wrong + 1, letter: letters[wrong] ?? "", guess };
}

/** The letters and digits of a form. @param {Form} form */
function characters({ never }) {
  return [...CHARACTERS].filter((letter) => !never.includes(letter)).join("");
}

/** The letter that may stand at a place and looks like the one that does. @param {string} letter @param {string | null} one */
function likeness(letter, one) {
  if (!one || letter === one) return letter;
  if (one.length > 1) return one.startsWith("0-9") || one.startsWith("1-9") ? ALIKE[letter] ?? letter : letter;
  return (ALIKE[letter] ?? letter) === (ALIKE[one] ?? one) ? one : letter;
}

/** Whether a text is a number of this form, with a day that exists. @param {string} typed @param {Form} form */
function isWhole(typed, form) {
  const { parts } = form;
  const written = parts.map(([kind, text]) => (kind === "text" ? escaped(normal(text)) : kind === "number" ? "[1-9][0-9]*"
    : kind === "digits" ? `[0-9]{${text.length}}` : kind === "characters" ? `[${characters(form)}]{${text.length}}` : `(?<${kind}>[0-9]{${LENGTHS[kind]}})`));
  const found = new RegExp(`^${written.join("")}$`, "u").exec(typed);
  if (!found) return false;
  const { year = "2000", month = "1", day = "1" } = found.groups ?? {};
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return Number(year) > 0 && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

/** @param {string} text */
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
