import { todayIn } from "./coverage.js";
import { element } from "./dom.js";
import { ownAnswers } from "./network-answers.js";
import { chart, numbers } from "./network-charts.js";
import { DeviceTable } from "./network-devices.js";
import { Inventory } from "./network-inventory.js";
import { groupKey, groupsOf, itemsOf, news, remembered, SEVERITIES, standing, tally, added, WEIGHTS } from "./network-model.js";
import { RecordTable } from "./network-records.js";
import { NetworkStore } from "./network-store.js";
import { chips, devices as counted } from "./network-table.js";
import { Targets } from "./network-target.js";
import { ownZone } from "./moments.js";
import { say, sayMany } from "./texts.js";

/**
 * @typedef {import("./network-model.js").Device} Device
 * @typedef {import("./network-model.js").Group} Group
 * @typedef {import("./network-model.js").Item} Item
 * @typedef {{state: "done" | "snoozed", until: string, note: string, day: string}} Note
 * @typedef {{example: Device[], case: string, compare: string, entitlement: import("./entitlement-shown.js").Facts | null}} Facts
 * @typedef {{before: Record<string, string> | null, since: string, now: Record<string, string>, day: string, at: number}} Visit
 */

const VISIT = 3_600_000; // ms after which coming back is another visit
const PAUSE = 200; // ms without a key before filters apply
const SITES = 12; // of the chart, those with the most

/** What affects what somebody runs, from what this browser keeps. @param {HTMLElement} page */
export function enhanceNetwork(page) {
  return new NetworkPage(page).start();
}

export class NetworkPage {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    /** @type {Facts} */
    this.facts = JSON.parse(page.querySelector("[data-wp-facts]").textContent);
    this.answers = ownAnswers();
    this.filter = page.querySelector("form[data-wp-filter]");
    this.status = page.querySelector("[data-wp-status]");
    this.today = todayIn(ownZone());
    /** @type {Device[]} */
    this.devices = [];
    /** @type {Record<string, Note>} */
    this.notes = {};
    this.coverage = new Map(); // serial number -> answer
    /** @type {Set<string> | null} */
    this.news = null;
    this.turn = 0;
  }

  async start() {
    this.store = await NetworkStore.open(this.answers.root.pathname);
    [this.devices, this.notes, this.weights, this.visit] = await Promise.all([
      this.store.get("devices", []), this.store.get("notes", {}), this.store.get("weights", { ...WEIGHTS }), this.store.get("visit", null)]);
    this.page.querySelector("[data-wp-fleeting]").hidden = this.store.lasts;
    this.inventory = new Inventory(this);
    this.records = new RecordTable(this);
    this.table = new DeviceTable(this);
    this.targets = new Targets(this);
    this.filter.addEventListener("submit", (event) => event.preventDefault());
    this.filter.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.draw(), PAUSE);
    });
    this.filter.addEventListener("reset", () => setTimeout(() => this.draw()));
    this.page.querySelector("[data-wp-seen]").addEventListener("click", () => this.#seen());
    await this.refresh(true);
    await this.inventory.start();
  }

  /** Another list of devices takes the place of this one. @param {Device[]} devices */
  async replace(devices) {
    this.devices = devices;
    await this.keep("devices", devices);
    await this.refresh();
  }

  /** @param {string} name @param {any} value */
  async keep(name, value) {
    await this.store.put(name, value).catch(() => this.tell("notKept"));
  }

  /** @param {string} name of a text @param {Record<string, string | number>} values */
  tell(name, values = {}) {
    this.status.textContent = name ? say(name, values) : "";
  }

  /** Loads what the devices need and shows everything. @param {boolean} arrived whether the page has just been opened */
  async refresh(arrived = false) {
    const turn = ++this.turn;
    const there = this.devices.length > 0;
    this.page.querySelector("[data-wp-filled]").hidden = !there;
    this.inventory.show();
    if (!there) return this.tell("");
    const groups = groupsOf(this.devices);
    this.tell("loading");
    try {
      await this.answers.prepare(groups);
      if (arrived && await this.inventory.readAgain()) return void this.refresh();
    } catch {
      if (turn === this.turn) this.#failed();
      return;
    }
    if (turn !== this.turn) return;
    this.tell("");
    this.#visited(groups, arrived);
    this.#offer();
    this.draw();
  }

  #failed() {
    const button = element("button", { type: "button", class: "wp-button" }, say("retry"));
    button.addEventListener("click", () => this.refresh(true));
    this.status.replaceChildren(say("offline"), " ", button);
  }

  /** Tells what is new, and remembers what is there for the next visit. @param {Group[]} groups @param {boolean} arrived */
  #visited(groups, arrived) {
    const own = { now: remembered(groups, this.answers.matchesOf), day: this.today, at: Date.now() };
    const { visit } = this;
    if (!visit) this.visit = { before: null, since: "", ...own };
    else if (arrived && own.at - visit.at > VISIT) this.visit = { before: visit.now, since: visit.day, ...own };
    else this.visit = { ...visit, ...own };
    this.news = news(this.visit.before, groups, this.answers.matchesOf);
    this.keep("visit", this.visit);
  }

  /** What is new has been seen. */
  async #seen() {
    this.visit = { ...this.visit, before: this.visit.now, since: this.today };
    this.news = new Set();
    await this.keep("visit", this.visit);
    this.draw();
    this.tell("seen");
  }

  /** Fills the choices of the filters. */
  #offer() {
    const { elements } = this.filter;
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const fill = (/** @type {string} */ name, /** @type {Iterable<string>} */ values, /** @type {(value: string) => string} */ called) => {
      const select = elements[name];
      const chosen = select.value;
      const options = [...new Set(values)].filter(Boolean).map((value) => [value, called(value)]).sort(([, a], [, b]) => collator.compare(a, b));
      select.replaceChildren(select.options[0], ...options.map(([value, text]) => element("option", { value }, text)));
      select.value = options.some(([value]) => value === chosen) ? chosen : "";
      select.parentElement.hidden = !options.length;
    };
    fill("product", this.devices.map(({ product }) => product), (id) => this.answers.productName(id));
    fill("platform", this.devices.map(({ product, platform }) => (platform ? `${product}/${platform}` : "")), (both) => this.answers.platformName(...both.split("/")));
    fill("site", this.devices.map(({ site }) => site ?? ""), (site) => site);
    fill("tag", this.devices.flatMap(({ tags }) => tags ?? []), (tag) => tag);
  }

  /** @returns {Device[]} those that the filters leave */
  filtered() {
    const { product, platform, site, tag, find } = this.filter.elements;
    const words = find.value.trim().toLowerCase();
    return this.devices.filter((device) => (!product.value || device.product === product.value)
      && (!platform.value || `${device.product}/${device.platform}` === platform.value) && (!site.value || device.site === site.value)
      && (!tag.value || device.tags?.includes(tag.value))
      && (!words || [device.name, device.serial, device.release].some((text) => text?.toLowerCase().includes(words))));
  }

  /** Shows what the filters leave. */
  draw() {
    const devices = this.filtered();
    const groups = groupsOf(devices);
    const items = itemsOf(groups, this.answers.matchesOf);
    const open = items.filter((item) => this.stateOf(item) === "open");
    this.#summary(devices, groups, items, open);
    this.#charts(groups, new Set(open.map(({ id }) => id)));
    this.records.show(items);
    this.table.show(devices);
    this.targets.show(groups);
  }

  /** What somebody made of a record: it is open again on the day until which it was snoozed. @param {Item} item @returns {"open" | "done" | "snoozed"} */
  stateOf({ id }) {
    const note = this.notes[id];
    return !note?.state || (note.state === "snoozed" && note.until <= this.today) ? "open" : note.state;
  }

  /** @param {Item} item */
  isNew({ id, holders }) {
    return Boolean(this.news?.size) && holders.some(({ group }) => this.news.has(`${group.key} ${id}`));
  }

  /** @param {string} severity */
  severity = (severity) => say(`severity${severity[0].toUpperCase()}${severity.slice(1)}`);

  /** @param {Device[]} devices @param {Group[]} groups @param {Item[]} items @param {Item[]} open */
  #summary(devices, groups, items, open) {
    const find = (/** @type {string} */ name) => this.page.querySelector(`[data-wp-summary=${name}]`);
    const sites = new Set(devices.map(({ site }) => site).filter(Boolean)).size;
    const releases = new Set(groups.map(({ product, release }) => `${product}/${release}`)).size;
    find("devices").textContent = say(sites ? "runningAt" : "running", { devices: counted(devices.length), releases: sayMany("releases", releases), sites: sayMany("sites", sites) });
    find("records").replaceChildren(say(open.length ? "affecting" : "unaffecting", { records: sayMany("records", open.length) }), " ", ...chips(tally(open), this.severity));
    const standings = new Map(groups.map((group) => [group.key, this.answers.runs(group.devices[0])]).map(([key, release]) => [key, release && standing(release, this.today).state]));
    const number = (/** @type {string | undefined} */ state) => devices.filter((device) => standings.get(groupKey(device)) === state).length;
    const lines = [[number("ended"), "ended"], [number("ending"), "ending"], [number("limited"), "limited"], [number(undefined), "unchecked"]]
      .filter(([count]) => count).map(([count, name]) => element("li", {}, say(`${name}Count`, { devices: counted(count) })));
    find("ends").replaceChildren(...lines);
    const fresh = items.filter((item) => this.isNew(item)).length;
    find("news").textContent = !this.news ? say("firstVisit") : say(fresh ? "newSince" : "nothingNew", { day: this.visit.since, records: sayMany("records", fresh) });
    this.page.querySelector("[data-wp-seen]").hidden = !fresh;
  }

  /** @param {Group[]} groups @param {Set<string>} open ids */
  #charts(groups, open) {
    const counts = new Map(groups.map((group) => [group.key, tally(this.answers.matchesOf(group).filter(({ id }) => open.has(id)))]));
    const sites = new Map();
    let all = {};
    for (const group of groups) {
      all = added(all, counts.get(group.key), group.devices.length);
      for (const { site } of group.devices) sites.set(site || "", added(sites.get(site || "") ?? {}, counts.get(group.key)));
    }
    const shown = SEVERITIES.filter((severity, at) => at < 4 || all[severity]);
    const values = (/** @type {Record<string, number>} */ own) => shown.map((severity) => own[severity] ?? 0);
    const named = shown.map((severity, at) => ({ label: this.severity(severity), values: shown.map((_, place) => (place === at ? all[severity] ?? 0 : 0)) }));
    const total = (/** @type {Record<string, number>} */ own) => values(own).reduce((sum, value) => sum + value, 0);
    const ordered = [...sites].sort(([a, one], [b, other]) => total(other) - total(one) || (a < b ? -1 : 1));
    const bars = ordered.map(([site, own]) => ({ label: site || say("noSite"), values: values(own) }));
    const put = (/** @type {string} */ name, /** @type {any[]} */ drawn, /** @type {any[]} */ tabled, /** @type {string[]} */ head) => {
      const figure = this.page.querySelector(`[data-wp-chart=${name}]`);
      const title = say(`chart-${name}`.replace(/-./, ([, letter]) => letter.toUpperCase()));
      figure.querySelector("[data-wp-drawing]").replaceChildren(chart(`wp-${name}-chart`, drawn, title, drawn.map((bar) => `${bar.label}: ${bar.values.reduce((sum, value) => sum + value, 0)}`).join(", ")));
      figure.querySelector("[data-wp-numbers]").replaceChildren(numbers(head, tabled, title));
    };
    put("severity", named, named.map(({ label, values }) => ({ label, values: [values.reduce((sum, value) => sum + value, 0)] })), [say("columnSeverity"), say("matches")]);
    put("site", bars.slice(0, SITES), bars, [say("columnSite"), ...shown.map(this.severity)]);
    this.page.querySelector("[data-wp-chart=site] [data-wp-more]").textContent = bars.length > SITES ? say("moreSites", { count: bars.length - SITES }) : "";
    for (const item of this.page.querySelectorAll("[data-wp-legend] [data-severity]")) item.hidden = !shown.includes(item.dataset.severity);
  }
}
