// What the calculators of dates share: how they show what they have found, and hand it over as a calendar.
import { download } from "./csv.js";
import { calendarFile } from "./ics.js";
import { texts } from "./texts.js";
import { NeverOpen } from "./working-time.js";

/**
 * Shows a result and says what has come of the question; without rows there is none.
 * @param {HTMLFormElement} form
 * @param {string} said
 * @param {HTMLElement[]} rows
 */
export function showResult(form, said, rows) {
  const status = form.querySelector("[data-wp-status]");
  const box = form.querySelector(".wp-scroll");
  if (status.textContent !== said) status.textContent = said;
  box.hidden = !rows.length;
  form.querySelector("[data-wp-ics]").disabled = !rows.length;
  box.querySelector("tbody").replaceChildren(...rows);
}

/** What to say where there is no such date; throws any other error. @param {unknown} error */
export function neverSaid(error) {
  if (!(error instanceof NeverOpen) && !(error instanceof RangeError)) throw error;
  return texts().never;
}

/** Hands events over as a calendar. @param {string} name of the file @param {import("./ics.js").Event[]} events */
export function saveCalendar(name, events) {
  download(name, calendarFile(events, Date.now(), location.hostname), "text/calendar;charset=utf-8");
}
