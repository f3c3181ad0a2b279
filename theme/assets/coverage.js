/**
 * Coverage and warranty on a day: the rules of kb/coverage.py, which tells where they come from. Days are `YYYY-MM-DD`.
 * @typedef {{count: number, unit: "day" | "week" | "month"}} Duration
 * @typedef {{product?: string, platform?: string, contract?: string, plan?: string, replacement?: string, support_start?: string,
 *   support_end?: string, shipped?: string, resold?: string, registered?: boolean}} Row
 * @typedef {{delay?: Duration, term?: Duration, register?: string[]}} Terms
 * @typedef {"active" | "later" | "expired" | "none"} Span
 * @typedef {{state: "active" | "expired" | "none", reason: string, support: Span, warranty: Span, warranty_start?: string,
 *   warranty_end?: string, start: string, must_register: boolean, steps: string[]}} Coverage
 */

const STEPS = {
  contract: ["open", "return"], warranty: ["return", "buy"], register: ["register", "buy"], later: ["ask"],
  "contract-ended": ["renew"], "warranty-ended": ["buy"], nothing: ["buy", "ask"],
};
const LAST = "9999-12-31";

/** The day that a moment falls on in a zone. @param {string} zone @param {Date} moment */
export function todayIn(zone, moment = new Date()) {
  const parts = new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(moment);
  const part = (/** @type {string} */ type) => parts.find((one) => one.type === type).value;
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}

/**
 * How a product is covered on a day.
 * @param {Row} row
 * @param {Terms} terms
 * @param {string} today
 * @returns {Coverage}
 */
export function coverage(row, terms, today) {
  const [start, from] = warrantyStart(row, terms);
  const end = start && terms.term ? after(start, terms.term) : undefined;
  const support = span(row.support_start, row.support_end, today);
  const warranty = end ? span(start, end, today) : "none";
  const mustRegister = row.registered === false && (!terms.register?.length || [row.product, row.platform].some((id) => terms.register.includes(id)));
  const reason = reasonOf(support, warranty, mustRegister);
  const state = ["contract", "warranty"].includes(reason) ? "active" : reason.endsWith("-ended") ? "expired" : "none";
  return { state, reason, support, warranty, warranty_start: end && start, warranty_end: end, start: end ? from : "unknown", must_register: mustRegister, steps: STEPS[reason] };
}

/** The first day of the warranty, and what it was taken from. @param {Row} row @param {Terms} terms @returns {[string | undefined, string]} */
export function warrantyStart({ shipped, resold }, { delay }) {
  if (!shipped) return [undefined, "unknown"];
  if (!resold || resold <= shipped || !delay) return [shipped, "shipped"];
  const latest = after(shipped, delay);
  return resold <= latest ? [resold, "resold"] : [latest, "capped"];
}

/** @param {string | undefined} first @param {string | undefined} last @param {string} today @returns {Span} */
function span(first, last, today) {
  if (!first && !last) return "none";
  if (last && today > last) return "expired";
  return first && today < first ? "later" : "active";
}

/** @param {Span} support @param {Span} warranty @param {boolean} mustRegister */
function reasonOf(support, warranty, mustRegister) {
  if (support === "active") return "contract";
  if (warranty === "active") return mustRegister ? "register" : "warranty";
  if (support === "later" || warranty === "later") return "later";
  if (support === "expired") return "contract-ended";
  return warranty === "expired" ? "warranty-ended" : "nothing";
}

/** The day at the end of a duration; the last of the calendar where it lies beyond. @param {string} day @param {Duration} duration */
export function after(day, { count, unit }) {
  const [year, month, date] = day.split("-").map(Number);
  const made = new Date(0);
  if (unit === "month") {
    made.setUTCFullYear(year, month - 1 + count + 1, 0); // the last day of that month
    made.setUTCDate(Math.min(date, made.getUTCDate()));
  } else made.setUTCFullYear(year, month - 1, date + count * (unit === "week" ? 7 : 1));
  return made.getUTCFullYear() > 9999 ? LAST : made.toISOString().slice(0, 10);
}
