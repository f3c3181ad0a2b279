// The calculator of the dates of a return.
import { neverSaid, saveCalendar, showResult } from "./calculator.js";
import { dueDay } from "./deadlines.js";
import { nearestRegion } from "./deadlines-page.js";
import { element } from "./dom.js";
import { dayWords, ownZone } from "./moments.js";
import { say, texts } from "./texts.js";
import { dayNumber, dayText, WorkingTime } from "./working-time.js";

/** @param {HTMLFormElement} form @param {import("./deadlines.js").Policy & {returns: any[]}} policy */
export function enhanceReturnDates(form, policy) {
  const { elements } = form;
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
      said = neverSaid(error);
    }
    showResult(form, said, found.map(({ title, day, lines }) => element("tr", {},
      element("th", { scope: "row" }, title), element("td", {}, element("time", { datetime: dayText(day) }, dayWords(day))),
      element("td", {}, element("ul", {}, ...lines.map((line) => element("li", {}, line)))))));
  }

  if (elements.region.options) elements.region.value = nearestRegion(policy, ownZone());
  form.addEventListener("input", work);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("[data-wp-ics]").addEventListener("click", () => saveCalendar("return.ics", found.map(({ id, title, day, began, lines }) => ({
    id: `return-${id}-${elements.region.value}-${dayText(began)}`, start: dayText(day), title, text: lines.join("\n"), url: location.href,
  }))));
  work();
}
