import { csv, download } from "./csv.js";
import { element } from "./dom.js";
import { say, sayMany } from "./texts.js";

const PAGE = 50; // rows

/**
 * What a table shows of rows: `name` as on the buttons of its head, `key` to sort by, `cell` for the page, `text` for files (else the key).
 * @template T
 * @typedef {{name: string, key: (row: T) => string | number, cell?: (row: T) => (Node | string)[], text?: (row: T) => string, right?: boolean,
 *   down?: boolean}} Column
 */

/**
 * A table in pages, sorted by any column, whose rows open to what is known of them.
 * @template T
 */
export class PagedTable {
  /**
   * @param {HTMLElement} root with the table and the place of its pages
   * @param {Column<T>[]} columns
   * @param {{id: (row: T) => string, open: (row: T) => Node, shown?: (rows: {row: T, line: HTMLElement}[]) => void, file?: string, most?: number}} use
   *   `most` rows stand on a page
   */
  constructor(root, columns, { id, open, shown = () => {}, file = "", most = PAGE }) {
    Object.assign(this, { root, columns, id, open, shown, file, most });
    this.table = root.querySelector("table");
    this.pages = root.querySelector("[data-wp-pages]");
    this.order = { name: "", down: false };
    this.page = 0;
    /** @type {T[]} */
    this.rows = [];
    this.opened = new Set();
    this.table.tHead.addEventListener("click", (event) => this.#sort(event.target.closest("button")?.value));
    this.table.tBodies[0].addEventListener("click", (event) => this.#toggle(event.target.closest("button[aria-expanded]")));
    this.pages.addEventListener("click", (event) => this.#turn(event.target.closest("button")?.value));
    root.querySelector("[data-wp-csv]")?.addEventListener("click", () => this.save());
  }

  /** @param {T[]} rows in the order in which they stand until somebody sorts them @param {boolean} first whether to begin with the first page */
  show(rows, first = true) {
    this.rows = rows;
    if (first) this.page = 0;
    this.draw();
  }

  /** @returns {T[]} all rows as they are sorted */
  sorted() {
    const column = this.columns.find(({ name }) => name === this.order.name);
    if (!column) return this.rows;
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const keyed = this.rows.map((row) => ({ row, key: column.key(row) }));
    const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b)));
    keyed.sort((one, other) => Number(one.key === "") - Number(other.key === "") || compare(one.key, other.key) * (this.order.down ? -1 : 1));
    return keyed.map(({ row }) => row);
  }

  draw() {
    const sorted = this.sorted();
    this.page = Math.max(0, Math.min(this.page, Math.ceil(sorted.length / this.most) - 1));
    const head = this.columns.map(({ name, right }) => element("th", { scope: "col", ...(right ? { class: "wp-right" } : {}),
      "aria-sort": name === this.order.name ? (this.order.down ? "descending" : "ascending") : "none" }, element("button", { type: "button", value: name }, this.title(name))));
    this.table.tHead.replaceChildren(element("tr", {}, ...head));
    const part = sorted.slice(this.page * this.most, (this.page + 1) * this.most);
    const lines = part.map((row) => ({ row, line: this.#line(row) }));
    this.table.tBodies[0].replaceChildren(...lines.flatMap(({ row, line }) => (this.opened.has(this.id(row)) ? [line, this.#below(row)] : [line])));
    this.part = new Map(part.map((row) => [this.id(row), row]));
    this.#pager(sorted.length);
    this.shown(lines);
  }

  /** @param {string} name of a column */
  title(name) {
    return say(`column${name[0].toUpperCase()}${name.slice(1)}`);
  }

  /** @param {T} row */
  #line(row) {
    const cells = this.columns.map(({ key, cell, right }, at) => {
      const content = cell ? cell(row) : [String(key(row))];
      if (at) return element("td", right ? { class: "wp-right" } : {}, ...content);
      const isOpen = this.opened.has(this.id(row));
      const [first, ...others] = content;
      return element("th", { scope: "row" }, element("button", { type: "button", class: "wp-id", value: this.id(row), "aria-expanded": String(isOpen) }, first), ...others);
    });
    return element("tr", {}, ...cells);
  }

  /** @param {T} row */
  #below(row) {
    return element("tr", { class: "wp-covered__row" }, element("td", { colspan: String(this.columns.length) }, this.open(row)));
  }

  /** @param {HTMLButtonElement | null} button */
  #toggle(button) {
    if (!button) return;
    const line = button.closest("tr");
    const isOpen = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) {
      this.opened.add(button.value);
      line.after(this.#below(this.part.get(button.value)));
    } else {
      this.opened.delete(button.value);
      line.nextElementSibling.remove();
    }
  }

  /** @param {number} total */
  #pager(total) {
    const count = Math.ceil(total / this.most);
    const button = (page, text) => element("button", { type: "button", class: "wp-button", value: String(page), ...(page < 0 || page >= count ? { disabled: "" } : {}) }, text);
    this.pages.replaceChildren(...(count < 2 ? [] : [button(this.page - 1, say("previous")),
      element("span", {}, say("pageOf", { page: this.page + 1, count, total })), button(this.page + 1, say("next"))]));
  }

  /** @param {string | undefined} page */
  #turn(page) {
    if (page === undefined) return;
    const back = Number(page) < this.page;
    this.page = Number(page);
    this.draw();
    const [before, after] = this.pages.querySelectorAll("button");
    const same = back ? before : after;
    (same.disabled ? (back ? after : before) : same).focus({ preventScroll: true });
    this.table.scrollIntoView({ block: "nearest" });
  }

  /** @param {string | undefined} name */
  #sort(name) {
    if (!name) return;
    const again = this.order.name === name;
    this.order = { name, down: again ? !this.order.down : Boolean(this.columns.find((column) => column.name === name).down) };
    this.page = 0;
    this.draw();
    this.table.tHead.querySelector(`button[value=${name}]`).focus();
  }

  /** Hands all rows to the reader as a file. */
  save() {
    const text = ({ text, key }, row) => (text ? text(row) : String(key(row)));
    download(this.file, csv([this.columns.map(({ name }) => this.title(name)), ...this.sorted().map((row) => this.columns.map((column) => text(column, row)))]));
  }
}

/** Counts by severity as chips, without those that are none. @param {Record<string, number>} counts @param {(severity: string) => string} name */
export function chips(counts, name) {
  return Object.entries(counts).filter(([, count]) => count).flatMap(([severity, count]) =>
    [element("span", { class: `wp-chip wp-chip--severity wp-chip--${severity}` }, `${name(severity)}: ${count.toLocaleString(document.documentElement.lang)}`), " "]);
}

/** @param {number} count */
export const devices = (count) => sayMany("devices", count);

/** A text whose days are not broken at their hyphens. @param {string} text @returns {(Node | string)[]} */
export function dated(text) {
  return text.split(/(\d{4}-\d{2}-\d{2})/).filter(Boolean).map((part) => (/^\d{4}-/.test(part) ? element("span", { class: "wp-nowrap" }, part) : part));
}
