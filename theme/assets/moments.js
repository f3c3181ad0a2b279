// Moments and days in the words of the page's language.
import { DAY } from "./working-time.js";

const language = () => document.documentElement.lang;

/** The zone of the visitor. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment with its day of the week, in a zone (the visitor's unless given). @param {number} at @param {string} [zone] */
export function momentText(at, zone) {
  return new Intl.DateTimeFormat(language() === "en" ? "en-GB" : language(), {
    weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: zone,
  }).format(at);
}

/** A day written out. @param {number} day number of days since 1970 */
export function dayWords(day) {
  return new Intl.DateTimeFormat(language() === "en" ? "en-GB" : language(), {
    weekday: "short", day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
  }).format(day * DAY);
}

/** A moment for a field of type datetime-local, in the visitor's zone. @param {number} at */
export function fieldValue(at) {
  const local = new Date(at);
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}T${two(local.getHours())}:${two(local.getMinutes())}`;
}

/** The moment in such a field; null where there is none. @param {HTMLInputElement | undefined} field */
export function fieldMoment(field) {
  const at = field?.value ? new Date(field.value).getTime() : NaN;
  return Number.isNaN(at) ? null : at;
}
