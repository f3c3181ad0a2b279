import { csv, download } from "./csv.js";
import { element } from "./dom.js";
import { card, cell, chip, COLUMNS, SHOWN_AT_FIRST, sortKey, word } from "./entitlement-shown.js";
import { say } from "./texts.js";

/**
 * @typedef {import("./entitlement-shown.js").Answer} Answer
 * @typedef {import("./entitlement-shown.js").Facts} Facts
 */

const KEPT = "waypost-entitlement-columns"; // in the browser's storage

/** The table of results: sorted by any column, with the columns that the reader wants. */
export class Results {
  /** @param {HTMLElement} root with the table and the boxes of columns @param {Facts} facts */
  constructor(root, facts) {
    this.root = root;
    this.facts = facts;
    this.table = root.querySelector("table");
    this.boxes = [...root.querySelectorAll("[data-wp-columns] input")];
    this.columns = kept();
    this.order = { column: "", down: false };
    /** @type {Answer[]} */
    this.answers = [];
    for (const box of this.boxes) box.checked = this.columns.includes(box.value);
    root.querySelector("[data-wp-columns]").addEventListener("change", () => {
      this.columns = COLUMNS.filter((column) => column === COLUMNS[0] || this.boxes.some((box) => box.value === column && box.checked));
      keep(this.columns);
      this.#draw();
    });
    root.querySelector("[data-wp-csv]").addEventListener("click", () => this.#save());
    root.querySelector("[data-wp-print]").addEventListener("click", () => print());
    this.table.tHead.addEventListener("click", (event) => this.#sort(event.target.closest("button")?.value));
    this.table.tBodies[0].addEventListener("click", (event) => this.#open(event.target.closest("button")));
  }

  /** @param {Answer[]} answers @param {string} today */
  show(answers, today) {
    this.answers = answers;
    this.today = today;
    this.#draw();
  }

  #draw() {
    const { column: by, down } = this.order;
    const head = this.columns.map((column) => element("th", { scope: "col", "aria-sort": column === by ? (down ? "descending" : "ascending") : "none" },
      element("button", { type: "button", value: column }, say(word("column", column)))));
    this.table.tHead.replaceChildren(element("tr", {}, ...head));
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const keyed = this.answers.map((answer) => ({ answer, key: by && sortKey(answer, by, this.facts, this.today) }));
    if (by) keyed.sort((one, other) => Number(!one.key) - Number(!other.key) || collator.compare(one.key, other.key) * (down ? -1 : 1));
    this.table.tBodies[0].replaceChildren(...keyed.map(({ answer }) => this.#row(answer)));
    this.sorted = keyed.map(({ answer }) => answer);
  }

  /** @param {Answer} answer */
  #row(answer) {
    const cells = this.columns.map((column, at) => {
      if (!at) return element("th", { scope: "row" }, element("button", { type: "button", class: "wp-id", "aria-expanded": "false" }, answer.serial));
      const text = cell(answer, column, this.facts, this.today);
      return element("td", column === "next" ? { class: "wp-next" } : {}, column === "state" ? chip(answer.state) : text);
    });
    return element("tr", {}, ...cells);
  }

  /** Opens what is known of a number below its row, or closes it. @param {HTMLButtonElement | null} button */
  #open(button) {
    if (!button) return;
    const row = button.closest("tr");
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    if (!open) return void row.nextElementSibling.remove();
    const answer = this.sorted[[...row.parentElement.children].filter((one) => !one.classList.contains("wp-covered__row")).indexOf(row)];
    row.after(element("tr", { class: "wp-covered__row" }, element("td", { colspan: String(this.columns.length) }, card(answer, this.facts, this.today))));
  }

  /** @param {string | undefined} column */
  #sort(column) {
    if (!column) return;
    this.order = { column, down: this.order.column === column && !this.order.down };
    this.#draw();
    this.table.tHead.querySelector(`button[value=${column}]`).focus();
  }

  #save() {
    const rows = this.sorted.map((answer) => this.columns.map((column) => cell(answer, column, this.facts, this.today)));
    download(`entitlement-${this.today}.csv`, csv([this.columns.map((column) => say(word("column", column))), ...rows]));
  }
}

/** The columns that the reader chose last, where the browser keeps anything. */
function kept() {
  const first = COLUMNS.slice(0, SHOWN_AT_FIRST);
  try {
    const chosen = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return Array.isArray(chosen) ? COLUMNS.filter((column) => column === COLUMNS[0] || chosen.includes(column)) : first;
  } catch {
    return first;
  }
}

/** @param {string[]} columns */
function keep(columns) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(columns));
  } catch {
    // nothing is kept, and the choice holds until the page is left
  }
}
