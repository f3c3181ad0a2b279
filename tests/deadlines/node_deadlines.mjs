// The modules for deadlines, for tests/answering.mjs.
import { answer, own } from "../answering.mjs";

const { deadlines, dueDay, merged } = await own("deadlines.js");
const { dayNumber, dayText, momentOf, NeverOpen, wallAt, WorkingTime } = await own("working-time.js");
const { calendarFile } = await own("ics.js");

const MOMENTS = ["opened", "registered", "updated", "unreachable", "workaround"];
const iso = (at) => new Date(at).toISOString().replace(".000Z", "Z");

/** A reason as kb/deadlines.py writes it: code, moment, text, days. @param {Reason} reason */
function plainReason({ code, at, level, duration, holiday, minutes }) {
  const text = level ?? (duration ? spelled(duration) : holiday?.name ?? (minutes === undefined ? "" : String(minutes)));
  return [code, at ?? null, text, holiday ? `${dayText(holiday.first)}/${dayText(holiday.last)}` : ""];
}

/** A duration as policies write it. @param {Duration} duration */
function spelled({ count, unit, business }) {
  return `${count} ${business ? "business " : ""}${unit}${count === 1 ? "" : "s"}`;
}

function read(question) {
  const moments = Object.fromEntries(MOMENTS.filter((name) => question[name]).map((name) => [name, Date.parse(question[name])]));
  return { ...question, ...moments, waits: (question.waits ?? []).map(([start, end]) => ({ start: Date.parse(start), end: Date.parse(end) })) };
}

const functions = {
  deadlines(policy, question) {
    try {
      return deadlines(policy, read(question)).map(({ kind, due, level, reasons }) => {
        const lines = reasons.map(plainReason).map(([code, at, ...rest]) => [code, at === null ? null : iso(at), ...rest]);
        return { kind, due: iso(due), level, reasons: lines };
      });
    } catch (error) {
      if (error instanceof NeverOpen) return "never open";
      throw error;
    }
  },
  dueDay: (duration, day, calendar) => dayText(dueDay(duration, dayNumber(day), calendar)),
  wall: (zone, at) => iso(wallAt(zone, Date.parse(at))),
  moment: (zone, wall) => iso(momentOf(zone, Date.parse(wall))),
  open(calendar, at) {
    const working = new WorkingTime(calendar);
    const change = working.change(Date.parse(at));
    return [working.isOpen(Date.parse(at)), change === null ? null : iso(change)];
  },
  merged,
  ics: (events, now, host) => calendarFile(events, Date.parse(now), host),
};

await answer(functions);
