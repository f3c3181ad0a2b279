import { element } from "./dom.js";
import { say } from "./texts.js";

/**
 * @typedef {import("./numbers.js").Form} Form
 * @typedef {{table: string, zone: string, forms: {case: Form[], rma: Form[]}, platforms: Record<string, [string, string]>,
 *   priorities: Record<string, [number, string]>}} Facts
 */

/** Cases or lines of returns, sorted by any column. */
export class CaseTable {
  /** @param {HTMLTableElement} table @param {Facts} facts @param {(number: string) => void} follow searches for another number */
  constructor(table, facts, follow) {
    Object.assign(this, { table, facts, follow });
    this.heads = [...table.tHead.querySelectorAll("button")];
    this.columns = this.heads.map((button) => button.value);
    this.order = { column: "", down: false };
    table.tHead.addEventListener("click", (event) => this.#sort(event.target.closest("button")?.value));
    table.tBodies[0].addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.follow(button.value);
    });
  }

  /** @param {Record<string, string>[]} rows the newest first */
  show(rows) {
    this.rows = rows;
    this.#draw();
  }

  #draw() {
    const { column, down } = this.order;
    this.heads.forEach((button) => button.closest("th").setAttribute("aria-sort", button.value === column ? (down ? "descending" : "ascending") : "none"));
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const sorted = column ? [...this.rows].sort((one, other) => collator.compare(this.#key(one, column), this.#key(other, column)) * (down ? -1 : 1)) : this.rows;
    this.table.tBodies[0].replaceChildren(...sorted.map((row) => element("tr", {}, ...this.columns.map((name) => this.#cell(row, name)))));
  }

  /** @param {string | undefined} column */
  #sort(column) {
    if (!column) return;
    this.order = { column, down: this.order.column === column && !this.order.down };
    this.#draw();
  }

  /** What rows are sorted by. @param {Record<string, string>} row @param {string} column */
  #key(row, column) {
    if (column === "priority") return String(this.facts.priorities[row.priority]?.[0] ?? "");
    if (column === "platform") return this.facts.platforms[row.platform]?.[0] ?? "";
    return column === "status" ? statusOf(row) : row[column] ?? "";
  }

  /** @param {Record<string, string>} row @param {string} column */
  #cell(row, column) {
    const value = row[column];
    if (!value) return element("td", {}, "");
    if (column === "status") return element("td", {}, element("span", { class: `wp-chip wp-chip--${value === "open" ? "open" : "closed"}` }, statusOf(row)));
    if (column === "modified" || column === "issued") return element("td", { class: "wp-nowrap" }, ...moment(value, this.facts.zone));
    if (column === "priority") return element("td", {}, this.facts.priorities[value]?.join(" ") ?? value);
    if (column === "site") return element("td", {}, value, ...(row.site_id ? [" ", element("small", {}, row.site_id)] : []));
    const [name, address] = column === "platform" ? this.facts.platforms[value] ?? [value, ""] : [value, ""];
    if (address) return element("td", {}, element("a", { href: address }, name));
    const isNumber = column === "rma" || column === "case";
    return element("td", {}, isNumber ? element("button", { type: "button", class: "wp-id", value, title: say("show", { number: value }) }, value) : name);
  }
}

/** @param {Record<string, string>} row */
function statusOf({ status }) {
  return say(status === "open" ? "statusOpen" : "statusClosed");
}

/** A moment in the reader's zone and, where that is another, in the vendor's. @param {string} value @param {string} zone */
function moment(value, zone) {
  const own = inZone(value, undefined);
  const vendor = inZone(value, zone);
  const time = element("time", { datetime: value }, own);
  return own === vendor ? [time] : [time, element("br", {}), element("small", {}, vendor)];
}

/** `2026-11-22 10:42 UTC` @param {string} value @param {string | undefined} timeZone */
function inZone(value, timeZone) {
  const digits = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const parts = new Intl.DateTimeFormat(`${document.documentElement.lang}-u-nu-latn-hc-h23`, { ...digits, timeZoneName: "short", timeZone }).formatToParts(new Date(value));
  const part = (/** @type {string} */ type) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")} ${part("timeZoneName")}`;
}
