// When a promise of the policy falls due, with the reasons. kb/deadlines.py does the same; docs/policy.md, "How times are counted",
// tells the rules, and tests/deadlines/vectors.json holds both to them.
import { DAY, MINUTE, momentOf, wallAt, WorkingTime } from "./working-time.js";

/**
 * What generator/policy_data.py writes.
 * @typedef {import("./working-time.js").Calendar} Calendar
 * @typedef {import("./working-time.js").Span} Span
 * @typedef {{count: number, unit: "minute" | "hour" | "day" | "week" | "month", business: boolean, text: string}} Duration
 * @typedef {{id: string, number: number, name: string, calendar: string, unreachable: {after: Duration, level: string} | null, with_workaround: string}} Level
 * @typedef {{calendars: Record<string, Calendar>, regions: {id: string, name: string, calendar: string}[], levels: Level[],
 *   times: any[], channels: {kind: string, name: string, clock: string}[], extends: string[]}} Policy
 *
 * What is known of a case; moments in milliseconds.
 * @typedef {{level: string, region: string, opened: number, plan?: string, channel?: string, registered?: number | null, updated?: number | null,
 *   unreachable?: number | null, workaround?: number | null, waits?: Span[]}} Question
 * @typedef {{code: string, at?: number, level?: string, duration?: Duration, holiday?: any, minutes?: number}} Reason
 * @typedef {{kind: string, due: number, level: string, calendar: Calendar, reasons: Reason[]}} Promised
 */

export const CLOCKED = ["response", "update", "start", "temporary", "permanent"];

const byId = (/** @type {any[]} */ items, /** @type {string} */ id) => items.find((item) => item.id === id);

/** The calendar whose hours, days and zone count. @param {Policy} policy @param {string} levelId @param {string} regionId @returns {Calendar} */
export function countingCalendar(policy, levelId, regionId) {
  const own = policy.calendars[byId(policy.levels, levelId).calendar];
  return own && !aroundTheClock(own) ? own : policy.calendars[byId(policy.regions, regionId).calendar];
}

/** @param {Calendar} calendar */
export const aroundTheClock = (calendar) => !calendar.holidays.length
  && calendar.week.every((day) => day.length === 1 && day[0][0] === 0 && day[0][1] === 1440);

/** @param {Policy} policy @param {string} level @param {string} plan */
function timesFor(policy, level, plan) {
  const of = (/** @type {string} */ wanted) => policy.times.find((times) => times.level === level && times.plan === wanted);
  return of(plan) ?? of("");
}

/** All that is promised for a case. @param {Policy} policy @param {Question} question @returns {Promised[]} */
export function deadlines(policy, question) {
  const clock = policy.channels.find((channel) => channel.kind === question.channel)?.clock;
  const start = clock === "registered" && question.registered != null
    ? { code: "registered", at: question.registered } : { code: "received", at: question.opened };
  const lowered = lowerings(policy, question);
  const found = [];
  for (const kind of CLOCKED) {
    const begin = kind !== "update" ? start
      : question.updated != null ? { code: "updated", at: question.updated } : { code: "answered", at: found[0].due };
    const promised = promise(policy, question, kind, begin, lowered);
    if (promised) found.push(promised);
  }
  return found;
}

/** The levels that a case gets for the time being. @param {Policy} policy @param {Question} question */
export function lowerings(policy, question) {
  let { unreachable, workaround } = question;
  let level = byId(policy.levels, question.level);
  const found = [];
  for (;;) {
    const options = [];
    if (unreachable != null && level.unreachable) {
      const working = new WorkingTime(countingCalendar(policy, level.id, question.region));
      options.push({ at: after(level.unreachable.after, unreachable, working), level: level.unreachable.level, why: "unreachable" });
    }
    if (workaround != null && level.with_workaround) options.push({ at: workaround, level: level.with_workaround, why: "workaround" });
    if (!options.length) return found;
    const chosen = options.reduce((a, b) => (b.at < a.at ? b : a));
    if (chosen.why === "unreachable") unreachable = null;
    else workaround = null;
    found.push({ ...chosen, at: Math.max(chosen.at, found.at(-1)?.at ?? question.opened) });
    level = byId(policy.levels, chosen.level);
  }
}

function promise(policy, question, kind, begin, lowered) {
  let { at } = begin;
  let reasons = [begin];
  let found = counted(policy, question, kind, question.level, at, reasons);
  for (const lower of lowered) {
    if (found && found.due <= lower.at) break;
    at = Math.max(at, lower.at);
    reasons = [...reasons, { code: lower.why, at: lower.at, level: lower.level }];
    found = counted(policy, question, kind, lower.level, at, reasons);
  }
  return found;
}

function counted(policy, question, kind, level, at, reasons) {
  /** @type {Duration | null} */
  const duration = timesFor(policy, level, question.plan ?? "")[kind];
  if (!duration) return null;
  const calendar = countingCalendar(policy, level, question.region);
  const working = new WorkingTime(calendar);
  const more = [];
  const opening = duration.business ? working.opening(at) : at;
  if (opening !== at) more.push({ code: "opens", at: opening });
  more.push({ code: "lasts", duration });
  let due = after(duration, at, working);
  let waited = [];
  if (policy.extends.includes(kind)) [due, waited] = extended(due, at, question.waits ?? [], duration.business, working);
  if (duration.business) for (const holiday of working.holidays(at, due)) more.push({ code: "holiday", holiday });
  return { kind, due, level, calendar, reasons: [...reasons, ...more, ...waited] };
}

/** The end of a duration. @param {Duration} duration @param {number} start @param {WorkingTime} working */
export function after(duration, start, working) {
  if (duration.unit === "minute" || duration.unit === "hour") {
    const length = duration.count * (duration.unit === "hour" ? 60 : 1) * MINUTE;
    return duration.business ? working.add(start, length) : start + length;
  }
  const wall = wallAt(working.zone, duration.business ? working.opening(start) : start);
  const day = Math.floor(wall / DAY);
  const clock = wall - day * DAY;
  if (duration.business) return working.within(working.dayAfter(day, duration.count), clock);
  return momentOf(working.zone, later(duration, day) * DAY + clock);
}

/** A day so many days, weeks or months later. @param {Duration} duration @param {number} day */
function later(duration, day) {
  if (duration.unit !== "month") return day + duration.count * (duration.unit === "week" ? 7 : 1);
  const date = new Date(day * DAY);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + duration.count + 1, 0));
  return Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(date.getUTCDate(), last.getUTCDate())) / DAY;
}

/** @returns {[number, Reason[]]} */
function extended(due, start, waits, business, working) {
  const reasons = [];
  for (const wait of merged(waits)) {
    if (wait.start >= due) break;
    const begin = Math.max(wait.start, start);
    if (wait.end <= begin) continue;
    const length = business ? working.between(begin, wait.end) : wait.end - begin;
    due = business ? working.add(due, length) : due + length;
    reasons.push({ code: "waited", at: wait.start, minutes: Math.floor(length / MINUTE) });
  }
  return [due, reasons];
}

/** @param {Span[]} waits @returns {Span[]} */
export function merged(waits) {
  const found = [];
  for (const wait of waits.filter(({ start, end }) => start < end).sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = found.at(-1);
    if (last && wait.start <= last.end) last.end = Math.max(last.end, wait.end);
    else found.push({ ...wait });
  }
  return found;
}

/** The last day of a time that began on a day. @param {Duration} duration @param {number} day @param {Calendar} calendar @returns {number} */
export function dueDay(duration, day, calendar) {
  const working = new WorkingTime(calendar);
  if (duration.unit === "minute" || duration.unit === "hour") {
    return working.dayOf(after(duration, momentOf(working.zone, (day + 1) * DAY), working) - MINUTE);
  }
  return duration.business ? working.dayAfter(day, duration.count) : later(duration, day);
}
