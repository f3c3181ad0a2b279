// The calculator of the dates of a return.
import { download } from "./csv.js";
import { dueDay } from "./deadlines.js";
import { nearestRegion } from "./deadlines-page.js";
import { element } from "./dom.js";
import { calendarFile } from "./ics.js";
import { dayWords, ownZone } from "./moments.js";
import { say, texts } from "./texts.js";
import { dayNumber, dayText, NeverOpen, WorkingTime } from "./working-time.js";

/** @param {HTMLFormElement} form @param {import("./deadlines.js").Policy & {returns: any[]}} policy */
export function enhanceReturnDates(form, policy) {
  const { elements } = form;
  const status = form.querySelector("[data-wp-status]");
  const box = form.querySelector(".wp-scroll");
  const button = form.querySelector("[data-wp-ics]");
  let found = [];

  function work() {
    const calendar = policy.calendars[policy.regions.find((region) => region.id === elements.region.value).calendar];
    found = [];
    let said = texts().noDay;
    try {
      for (const { id, title, within, begin } of policy.returns) {
        const day = elements[begin]?.value;
        if (!day) continue;
        const first = dayNumber(day);
        const last = dueDay(within, first, calendar);
        const holidays = within.business ? new WorkingTime(calendar).holidayList.filter((one) => one.first <= last && first < one.last + 1) : [];
        const lines = [say("countedFrom", { day: dayWords(first), duration: within.text }), ...holidays.map((one) => say("holiday", {
          name: one.name, days: [...new Set([one.first, one.last])].map(dayWords).join(" – ") }))];
        if (within.business) lines.push(say("business", { calendar: calendar.name }));
        found.push({ id, title, day: last, began: first, lines });
      }
      if (found.length) said = texts().allDue;
    } catch (error) {
      if (!(error instanceof NeverOpen) && !(error instanceof RangeError)) throw error;
      said = texts().never;
    }
    if (status.textContent !== said) status.textContent = said;
    box.hidden = !found.length;
    button.disabled = !found.length;
    box.querySelector("tbody").replaceChildren(...found.map(({ title, day, lines }) => element("tr", {},
      element("th", { scope: "row" }, title), element("td", {}, element("time", { datetime: dayText(day) }, dayWords(day))),
      element("td", {}, element("ul", {}, ...lines.map((line) => element("li", {}, line)))))));
  }

  if (elements.region.options) elements.region.value = nearestRegion(policy, ownZone());
  form.addEventListener("input", work);
  form.addEventListener("submit", (event) => event.preventDefault());
  button.addEventListener("click", () => download("return.ics", calendarFile(found.map(({ id, title, day, began, lines }) => ({
    id: `return-${id}-${elements.region.value}-${dayText(began)}`, start: dayText(day), title, text: lines.join("\n"), url: location.href,
  })), Date.now(), location.hostname), "text/calendar;charset=utf-8"));
  work();
}
