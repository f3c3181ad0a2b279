// Answers calls of the browser's modules for deadlines: each line of input is a JSON list of a function's name and its arguments.
import { createInterface } from "node:readline";

const assets = new URL("../../theme/assets/", import.meta.url);
const { deadlines, dueDay, merged, plainReason } = await import(new URL("deadlines.js", assets));
const { dayNumber, dayText, momentOf, NeverOpen, wallAt, WorkingTime } = await import(new URL("working-time.js", assets));
const { calendarFile } = await import(new URL("ics.js", assets));

const MOMENTS = ["opened", "registered", "updated", "unreachable", "workaround"];
const iso = (at) => new Date(at).toISOString().replace(".000Z", "Z");

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

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...values] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: (await functions[name](...values)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}
