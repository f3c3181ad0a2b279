// The working time of a calendar: when it is open, and how much of it passes between two moments. kb/working_time.py does the
// same and says how. Moments are milliseconds since 1970 in UTC; days are numbers of days since 1970; walls are what a clock on the
// wall shows, as if it were UTC.

/**
 * What generator/policy_data.py writes.
 * @typedef {{first: string, last: string, name: string, hours: [number, number][]}} Holiday
 * @typedef {{id: string, name: string, zone: string, week: [number, number][][], holidays: Holiday[]}} Calendar
 * @typedef {{start: number, end: number}} Span
 */

export const MINUTE = 60_000;
export const DAY = 86_400_000;
const FAR = 20_000;
const clocks = new Map();

export class NeverOpen extends Error {}

/** @param {string} day 2026-11-22 */
export const dayNumber = (day) => Date.parse(`${day}T00:00Z`) / DAY;

/** @param {number} day */
export const dayText = (day) => new Date(day * DAY).toISOString().slice(0, 10);

/**
 * How far the clocks of a zone are ahead of UTC at a moment.
 * @param {string} zone
 * @param {number} at
 */
function offset(zone, at) {
  if (zone === "UTC") return 0;
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    }));
  }
  const parts = {};
  for (const { type, value } of clocks.get(zone).formatToParts(at)) parts[type] = Number(value);
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - Math.floor(at / 1000) * 1000;
}

/** What the wall shows at a moment. @param {string} zone @param {number} at */
export const wallAt = (zone, at) => at + offset(zone, at);

/** The moment at which the wall shows a date and time. @param {string} zone @param {number} wall */
export function momentOf(zone, wall) {
  const before = offset(zone, wall - DAY);
  const after = offset(zone, wall + DAY);
  const fits = (/** @type {number} */ ahead) => offset(zone, wall - ahead) === ahead;
  return before === after || fits(before) || !fits(after) ? wall - before : wall - after;
}

export class WorkingTime {
  /** @param {Calendar} calendar */
  constructor(calendar) {
    this.calendar = calendar;
    this.zone = calendar.zone;
    this.holidayList = calendar.holidays.map((holiday) => ({ ...holiday, first: dayNumber(holiday.first), last: dayNumber(holiday.last) }));
  }

  /** @param {number} at */
  dayOf(at) {
    return Math.floor(wallAt(this.zone, at) / DAY);
  }

  /** The working time of a day, ordered. @param {number} day @returns {Span[]} */
  day(day) {
    const special = this.holidayList.find((holiday) => holiday.first <= day && day <= holiday.last);
    const found = [];
    for (const hours of special ? special.hours : this.calendar.week[(((day + 3) % 7) + 7) % 7]) {
      const [opens, end] = hours.map((minute) => momentOf(this.zone, day * DAY + minute * MINUTE));
      const start = Math.max(opens, found.at(-1)?.end ?? opens);
      if (start < end) found.push({ start, end });
    }
    return found;
  }

  /** The working time from a moment on. @param {number} since @returns {Generator<Span>} */
  *spans(since) {
    const today = this.dayOf(since);
    for (let day = today; day < today + FAR; day++) {
      for (const { start, end } of this.day(day)) if (end > since) yield { start: Math.max(start, since), end };
    }
    throw new NeverOpen(this.calendar.id);
  }

  /** The moment itself where it is working time, else the next opening. @param {number} at */
  opening(at) {
    return this.spans(at).next().value.start;
  }

  /** @param {number} at */
  isOpen(at) {
    return this.day(this.dayOf(at)).some(({ start, end }) => start <= at && at < end);
  }

  /** When the calendar closes (where it is open) or opens next; null where it never does within a fortnight. @param {number} at */
  change(at) {
    const today = this.dayOf(at);
    let end = this.isOpen(at) ? at : null;
    for (let day = today; day < today + 15; day++) {
      for (const span of this.day(day)) {
        if (span.end <= at) continue;
        if (end === null) return span.start;
        if (span.start > end) return end;
        end = span.end;
      }
    }
    return null;
  }

  /** The first moment at which so much working time has passed. @param {number} at @param {number} length milliseconds */
  add(at, length) {
    if (length <= 0) return at;
    for (const { start, end } of this.spans(at)) {
      if (end - start >= length) return start + length;
      length -= end - start;
    }
    throw new NeverOpen(this.calendar.id);
  }

  /** How much working time passes between two moments. @param {number} start @param {number} end */
  between(start, end) {
    let passed = 0;
    for (let day = this.dayOf(start); day <= this.dayOf(end); day++) {
      for (const span of this.day(day)) passed += Math.max(0, Math.min(span.end, end) - Math.max(span.start, start));
    }
    return passed;
  }

  /** The business day that is the `count`-th after a day. @param {number} day @param {number} count */
  dayAfter(day, count) {
    for (let number = 1; number < FAR; number++) {
      if (this.day(day + number).length && !--count) return day + number;
    }
    throw new NeverOpen(this.calendar.id);
  }

  /** The last working moment of a business day up to a time of day; its opening where there is none. @param {number} day @param {number} clock */
  within(day, clock) {
    const at = momentOf(this.zone, day * DAY + clock);
    const spans = this.day(day);
    const begun = spans.findLast((span) => span.start <= at);
    return begun ? Math.min(begun.end, at) : spans[0].start;
  }

  /** The holidays from the day of one moment to that of another. @param {number} start @param {number} end */
  holidays(start, end) {
    const [first, last] = [this.dayOf(start), this.dayOf(end)];
    return this.holidayList.filter((holiday) => holiday.first <= last && first <= holiday.last).sort((a, b) => a.first - b.first);
  }
}
