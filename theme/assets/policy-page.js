// What is lively in guides that show the policy: open now or closed, deadlines, dates of a return, choosing a service level.
import { enhanceChooser } from "./chooser.js";
import { enhanceDeadlines } from "./deadlines-page.js";
import { aroundTheClock } from "./deadlines.js";
import { momentText } from "./moments.js";
import { enhanceReturnDates } from "./return-dates.js";
import { say, texts } from "./texts.js";
import { WorkingTime } from "./working-time.js";

const MINUTE = 60_000;

export function enhancePolicy() {
  /** @type {import("./deadlines.js").Policy} */
  const policy = JSON.parse(document.querySelector("[data-wp-policy]")?.textContent ?? "null");
  for (const table of document.querySelectorAll("table[data-wp-chooser]")) enhanceChooser(table);
  if (!policy) return;
  showOpen(policy);
  setInterval(() => showOpen(policy), MINUTE);
  for (const form of document.querySelectorAll("form[data-wp-deadlines]")) enhanceDeadlines(form, policy);
  for (const form of document.querySelectorAll("form[data-wp-return-dates]")) enhanceReturnDates(form, policy);
}

/** Says of each calendar on the page whether it is open. @param {import("./deadlines.js").Policy} policy */
function showOpen(policy) {
  const now = Date.now();
  for (const place of document.querySelectorAll("[data-wp-open]")) {
    const calendar = policy.calendars[place.dataset.wpOpen];
    const working = new WorkingTime(calendar);
    const open = working.isOpen(now);
    const change = aroundTheClock(calendar) ? null : working.change(now);
    const time = change === null ? "" : momentText(change);
    const words = open ? (time ? say("openUntil", { time }) : texts().openAlways) : time ? say("closedUntil", { time }) : texts().closed;
    if (place.textContent !== words) place.textContent = words;
    place.dataset.state = open ? "open" : "closed";
  }
}
