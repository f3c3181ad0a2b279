// "When will I hear from you?" The calculator of deadlines.
import { neverSaid, saveCalendar, showResult } from "./calculator.js";
import { deadlines } from "./deadlines.js";
import { element } from "./dom.js";
import { dayWords, fieldMoment, fieldValue, momentText, ownZone } from "./moments.js";
import { say, texts } from "./texts.js";
import { wallAt, WorkingTime } from "./working-time.js";

const CHOICES = ["level", "plan", "region", "channel"];
const MOMENTS = ["opened", "registered", "updated", "unreachable", "workaround"];
const MINUTE = 60_000;

/** @typedef {import("./deadlines.js").Policy} Policy @typedef {import("./deadlines.js").Promised} Promised */

/** @param {HTMLFormElement} form @param {Policy} policy */
export function enhanceDeadlines(form, policy) {
  const { elements } = form;
  const waits = form.querySelector("[data-wp-waits]");
  const zones = { yours: ownZone(), theirs: form.dataset.zone };
  /** @type {Promised[]} */
  let found = [];
  for (const [name, zone] of Object.entries(zones)) {
    const head = form.querySelector(`[data-wp-${name}]`);
    head.textContent = say("zoneTime", { title: head.textContent, zone });
  }

  const waitRows = () => [...(waits?.children ?? [])].map((row) => [...row.querySelectorAll("input")].map(fieldMoment));

  function question() {
    const asked = { waits: [] };
    for (const name of CHOICES) asked[name] = elements[name]?.value ?? "";
    for (const name of MOMENTS) asked[name] = fieldMoment(elements[name]);
    for (const [start, end] of waitRows()) if (start !== null && end !== null && start <= end) asked.waits.push({ start, end });
    return asked;
  }

  function addWait(start = "", end = "") {
    const remove = element("button", { type: "button", class: "wp-button" }, texts().remove);
    const field = (/** @type {string} */ label, /** @type {string} */ value) => {
      const input = element("input", { type: "datetime-local", autocomplete: "off", min: "2000-01-01T00:00", max: "2100-12-31T23:59" });
      input.value = value;
      return element("label", {}, `${label} `, input);
    };
    const row = element("div", { class: "wp-calculator__fields" }, field(texts().waitFrom, start), field(texts().waitTo, end), remove);
    remove.addEventListener("click", () => {
      row.remove();
      form.querySelector("[data-wp-add-wait]").focus();
      work();
    });
    waits.append(row);
    return row;
  }

  function work(asks = true) {
    const asked = question();
    const clock = policy.channels.find((channel) => channel.kind === asked.channel)?.clock;
    if (elements.registered) elements.registered.parentElement.hidden = clock !== "registered";
    const lacking = asked.opened === null ? texts().noDate : clock === "registered" && asked.registered === null ? texts().noRegistered : "";
    let said = lacking;
    found = [];
    if (!lacking) {
      try {
        found = deadlines(policy, asked);
        said = waitRows().some(([start, end]) => start !== null && end !== null && end < start) ? texts().wrongWaits : texts().allDue;
      } catch (error) {
        said = neverSaid(error);
      }
    }
    showResult(form, said, found.flatMap((promised) => [
      element("tr", {}, element("th", { scope: "row", rowspan: "2" }, titleOf(promised)), ...Object.values(zones).map((zone) =>
        element("td", {}, element("time", { datetime: new Date(promised.due).toISOString() }, momentText(promised.due, zone))))),
      element("tr", { class: "wp-calculator__why" }, element("td", { colspan: "2" }, element("ul", {}, ...lines(promised).map((line) => element("li", {}, line))))),
    ]));
    if (asks) remember(asked);
  }

  /** @param {Promised} promised */
  const titleOf = ({ kind }) => texts()[`kind${kind[0].toUpperCase()}${kind.slice(1)}`] ?? kind;

  /** @param {Promised} promised */
  const lines = (promised) => [...promised.reasons.map((reason) => reasonText(policy, reason)),
    ...(promised.reasons.some((reason) => reason.duration?.business) ? [say("business", { calendar: `${promised.calendar.name}, ${promised.calendar.zone}` })] : [])];

  /** Keeps the question in the address, once the reader has asked one. */
  function remember(asked) {
    const said = new URLSearchParams();
    for (const name of CHOICES) if (asked[name]) said.set(name, asked[name]);
    for (const name of MOMENTS) if (asked[name] !== null) said.set(name, new Date(asked[name]).toISOString().slice(0, 16) + "Z");
    for (const { start, end } of asked.waits) said.append("wait", [start, end].map((at) => new Date(at).toISOString().slice(0, 16) + "Z").join("/"));
    history.replaceState(history.state, "", `${location.pathname}?${said}${location.hash}`);
  }

  function restore() {
    const asked = new URLSearchParams(location.search);
    for (const name of CHOICES) {
      const options = [...(elements[name]?.options ?? [])];
      if (options.some((option) => option.value === asked.get(name))) elements[name].value = asked.get(name);
    }
    if (!asked.get("region") && elements.region?.options) elements.region.value = nearestRegion(policy, zones.yours);
    for (const name of MOMENTS) {
      const at = Date.parse(asked.get(name) ?? "");
      if (elements[name] && !Number.isNaN(at)) elements[name].value = fieldValue(at);
    }
    for (const wait of waits ? asked.getAll("wait") : []) {
      const [start, end] = wait.split("/").map(Date.parse);
      if (!Number.isNaN(start) && !Number.isNaN(end)) addWait(fieldValue(start), fieldValue(end));
    }
    if (waits?.children.length || MOMENTS.slice(2).some((name) => elements[name]?.value)) form.querySelector("details").open = true;
    if (!elements.opened.value) elements.opened.value = fieldValue(Date.now());
  }

  form.addEventListener("input", () => work());
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => {
    waits?.replaceChildren();
    history.replaceState(history.state, "", location.pathname + location.hash);
    restore();
    work(false);
  }));
  form.querySelector("[data-wp-add-wait]")?.addEventListener("click", () => addWait().querySelector("input").focus());
  form.querySelector("[data-wp-ics]").addEventListener("click", () => {
    const { level, region, plan, opened } = question();
    const events = found.map((promised) => ({
      id: ["deadline", promised.kind, level, region, plan || "any", opened / MINUTE].join("-"), start: promised.due, url: location.href,
      title: `${titleOf(promised)} (${levelName(policy, promised.level)})`, text: lines(promised).join("\n"),
    }));
    saveCalendar("deadlines.ics", events);
  });
  restore();
  work(false);
}

/** @param {Policy} policy @param {string} id */
function levelName(policy, id) {
  const level = policy.levels.find((one) => one.id === id);
  return level ? `${texts().level} ${level.number} ${level.name}` : id;
}

/** A reason in the page's language. @param {Policy} policy @param {import("./deadlines.js").Reason} reason */
function reasonText(policy, { code, at, level, duration, holiday, minutes }) {
  const days = holiday ? [holiday.first, holiday.last].filter((day, place, all) => all.indexOf(day) === place).map(dayWords).join(" – ") : "";
  return say(code, {
    at: at === undefined ? "" : momentText(at), level: level ? levelName(policy, level) : "", duration: duration?.text ?? "", name: holiday?.name ?? "", days,
    minutes: minutes === undefined ? "" : say("hoursMinutes", { hours: String(Math.floor(minutes / 60)), minutes: String(minutes % 60) }),
  });
}

/** The region whose clocks are nearest to the visitor's. @param {Policy} policy @param {string} zone */
export function nearestRegion(policy, zone) {
  const now = Date.now();
  const distance = (region) => {
    const there = new WorkingTime(policy.calendars[region.calendar]).zone;
    return there === zone ? -1 : Math.abs(wallAt(there, now) - wallAt(zone, now));
  };
  return policy.regions.reduce((a, b) => (distance(b) < distance(a) ? b : a)).id;
}
