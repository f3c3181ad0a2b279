import { element } from "./dom.js";
import { PagedTable, devices as counted } from "./network-table.js";
import { rank } from "./network-model.js";
import { prIndex } from "./pr-open.js";
import { addressOf } from "./pr-shown.js";
import { say, sayMany, texts } from "./texts.js";

/**
 * @typedef {import("./network-page.js").NetworkPage} NetworkPage
 * @typedef {import("./network-model.js").Item} Item
 * @typedef {import("./network-model.js").Holder} Holder
 */

const HOLDERS = 20; // groups of devices that an opened row shows
const NAMES = 8; // devices of a group
const SHOWN = 25; // rows of a page: the title of each may be in another file
const TITLED = 2_000; // rows of a file that have their titles

/** The records that affect the network. */
export class RecordTable {
  /** @param {NetworkPage} network */
  constructor(network) {
    this.network = network;
    this.root = network.page.querySelector("[data-wp-records]");
    this.form = this.root.querySelector("form");
    this.titles = new Map(); // id -> title and its language, once loaded
    this.table = new PagedTable(this.root, [
      { name: "record", key: ({ id }) => id },
      { name: "title", key: ({ id }) => this.titles.get(id)?.title ?? "", cell: (item) => [this.#link(item)] },
      { name: "kind", key: ({ kind }) => texts()[kind] ?? kind },
      { name: "severity", key: rank, cell: ({ severity }) => [element("span", { class: `wp-chip wp-chip--severity wp-chip--${severity}` }, network.severity(severity))], text: ({ severity }) => network.severity(severity) },
      { name: "devices", key: ({ devices }) => devices, right: true, down: true, cell: ({ devices }) => [devices.toLocaleString(document.documentElement.lang)] },
      { name: "why", key: (item) => this.#why(item) },
      { name: "state", key: (item) => this.#state(item), cell: (item) => this.#standing(item) },
    ], { id: ({ id }) => id, open: (item) => this.#details(item), shown: (lines) => this.#load(lines), file: `records-${network.today}.csv`, most: SHOWN });
    this.table.save = () => this.#save();
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => this.#draw(true));
    this.form.addEventListener("reset", () => setTimeout(() => this.#draw(true)));
  }

  /** @param {Item[]} items the worst first */
  show(items) {
    this.items = items;
    this.#draw(true);
  }

  /** @param {boolean} first */
  #draw(first) {
    const { severity, kind, state, number } = this.form.elements;
    const { network } = this;
    const words = number.value.trim().toLowerCase();
    const rows = this.items.filter((item) => (!severity.value || item.severity === severity.value) && (!kind.value || item.kind === kind.value)
      && (state.value === "all" || (state.value === "new" ? network.isNew(item) : network.stateOf(item) === state.value))
      && (!words || item.id.toLowerCase().includes(words)));
    this.table.show(rows, first);
    this.root.querySelector("[data-wp-count]").textContent = say("shown", { records: sayMany("records", rows.length), total: this.items.length });
    this.root.querySelector(".wp-scroll").hidden = !rows.length;
  }

  /** @param {Item} item */
  #link(item) {
    const known = this.titles.get(item.id);
    const link = element("a", { href: addressOf(item), ...(known?.lang ? { lang: known.lang, hreflang: known.lang } : {}) }, known?.title ?? say("open"));
    return this.network.isNew(item) ? element("span", {}, element("span", { class: "wp-chip wp-chip--new" }, say("new")), " ", link) : link;
  }

  /** @param {Item} item */
  #why({ holders }) {
    const reasons = new Set(holders.map((holder) => this.#reason(holder)));
    const [first] = reasons;
    return reasons.size > 1 ? say("andMore", { reason: first, count: reasons.size - 1 }) : first;
  }

  /** @param {Holder} holder */
  #reason({ group, match }) {
    return this.network.answers.reason(group, match);
  }

  /** @param {Item} item */
  #state(item) {
    const note = this.network.notes[item.id];
    return { open: say("stateOpen"), done: say("stateDone"), snoozed: say("stateSnoozed", { day: note?.until ?? "" }) }[this.network.stateOf(item)];
  }

  /** @param {Item} item */
  #standing(item) {
    const note = this.network.notes[item.id]?.note;
    return [this.#state(item), ...(note ? [element("small", {}, note)] : [])];
  }

  /** Puts titles into the rows that are seen, from the cards of PR Search. @param {{row: Item, line: HTMLElement}[]} lines */
  async #load(lines) {
    const wanted = lines.filter(({ row }) => !this.titles.has(row.id));
    if (!wanted.length) return;
    await this.titled(wanted.map(({ row }) => row)).catch(() => {}); // the table reads without titles
    for (const { row, line } of wanted) if (this.titles.has(row.id)) line.children[1].replaceChildren(this.#link(row));
  }

  /** Learns the titles of records. @param {{id: string, card: number}[]} items */
  async titled(items) {
    const missing = items.filter(({ id }) => !this.titles.has(id));
    if (!missing.length) return;
    const cards = await (await prIndex()).cards(missing.map(({ card }) => card));
    const wanted = document.documentElement.lang;
    cards.forEach((card, at) => {
      if (card.id !== missing[at].id) return; // the portal was published anew in between
      const lang = card.texts[wanted] ? "" : Object.keys(card.texts)[0];
      this.titles.set(card.id, { title: card.texts[lang || wanted][0], lang });
    });
  }

  async #save() {
    await this.titled(this.table.sorted().slice(0, TITLED)).catch(() => {});
    PagedTable.prototype.save.call(this.table);
  }

  /** The devices that a record affects, and what to make of it. @param {Item} item */
  #details(item) {
    const { network } = this;
    const lines = item.holders.slice(0, HOLDERS).map((holder) => {
      const { group } = holder;
      const names = group.devices.slice(0, NAMES).map(({ name }) => name).join(", ");
      const rest = group.devices.length - NAMES;
      const platform = group.platform ? ` · ${network.answers.platformName(group.product, group.platform)}` : "";
      const isNew = network.news?.has(`${group.key} ${item.id}`);
      const why = network.visit.before?.[group.key] === undefined ? "newDevice" : "newRecord";
      return element("li", {}, element("strong", {}, `${network.answers.productName(group.product)} ${group.release}${platform}: `), this.#reason(holder),
        element("small", {}, `${counted(group.devices.length)}: ${names}${rest > 0 ? ` ${say("andOthers", { count: rest })}` : ""}${isNew ? ` · ${say(why)}` : ""}`));
    });
    if (item.holders.length > HOLDERS) lines.push(element("li", {}, say("moreGroups", { count: item.holders.length - HOLDERS })));
    return element("div", { class: "wp-covered wp-net__details" }, element("ul", {}, ...lines), this.#noting(item));
  }

  /** The form to acknowledge or snooze a record. @param {Item} item */
  #noting(item) {
    const { network } = this;
    const held = network.notes[item.id];
    const state = network.stateOf(item);
    const name = (/** @type {string} */ part) => `wp-net-${part}-${item.id}`;
    const later = new Date(Date.parse(`${network.today}T00:00:00Z`) + 14 * 86_400_000).toISOString().slice(0, 10);
    const note = element("textarea", { id: name("note"), rows: "2", maxlength: "2000" });
    note.value = held?.note ?? "";
    const until = element("input", { id: name("until"), type: "date", min: network.today, value: state === "snoozed" ? held.until : later });
    const button = (/** @type {string} */ text, /** @type {() => void} */ work) => {
      const made = element("button", { type: "button", class: "wp-button" }, say(text));
      made.addEventListener("click", work);
      return made;
    };
    const put = async (/** @type {any} */ value) => {
      if (value) network.notes[item.id] = { ...value, note: note.value.trim(), day: network.today };
      else delete network.notes[item.id];
      this.table.opened.delete(item.id);
      await network.keep("notes", network.notes);
      network.draw();
      network.tell(value ? (value.state === "done" ? "acknowledged" : "snoozed") : "reopened", { id: item.id, day: value?.until ?? "" });
      const lines = [...this.root.querySelectorAll("tbody button[aria-expanded]")];
      (lines.find((line) => line.value === item.id) ?? lines[0] ?? this.form.elements.state).focus();
    };
    const snooze = () => (until.value > network.today ? put({ state: "snoozed", until: until.value }) : until.focus());
    return element("div", { class: "wp-net__noting" }, element("label", { for: name("note") }, say("note")), note, element("p", { class: "wp-net__buttons" },
      button("acknowledge", () => put({ state: "done", until: "" })), element("label", { for: name("until") }, say("until")), until, button("snooze", snooze),
      ...(held ? [button("reopen", () => put(null))] : [])));
  }
}
