import { CaseTable } from "./cases-table.js";
import { element } from "./dom.js";
import { asWritten, fit } from "./numbers.js";
import { normal } from "./seal-key.js";
import { canOpen, openMany } from "./seal.js";
import { say, sayMany } from "./texts.js";

/**
 * @typedef {import("./cases-table.js").Facts} Facts
 * @typedef {{cases: Record<string, string>[], returns: Record<string, string>[], more?: number}} Found
 */

const REASONS = { offline: "offline", missing: "offline", unknown: "outdated", damaged: "damaged" };

/** How cases and returns stand. @param {HTMLElement} page */
export function enhanceCases(page) {
  new CasesPage(page).start();
}

class CasesPage {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    /** @type {Facts} */
    this.facts = JSON.parse(page.querySelector("[data-wp-facts]").textContent);
    this.form = page.querySelector("form");
    [this.number, this.code] = [this.form.elements.number, this.form.elements.code];
    this.region = page.querySelector("[data-wp-results]");
    this.status = page.querySelector("[data-wp-status]");
    this.asked = 0; // searches begun
  }

  start() {
    if (!canOpen()) {
      this.page.querySelector("[data-wp-insecure]").hidden = false;
      this.page.querySelector("[data-wp-asking]").hidden = true;
      return;
    }
    const follow = (/** @type {string} */ number) => {
      this.number.value = number;
      this.#hint();
      this.#search();
    };
    this.tables = ["cases", "returns"].map((name) => new CaseTable(this.page.querySelector(`[data-wp-table=${name}]`), this.facts, follow));
    this.number.addEventListener("input", () => this.#hint());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
    });
    this.#hint(); // what was typed before this ran, or is back after a reload
  }

  /** What a text can be: a number of ours if it has its form, and always a reference. @returns {{kind: "case" | "rma" | "reference", number: string}} */
  #read() {
    const text = this.number.value.trim();
    for (const kind of /** @type {const} */ (["case", "rma"])) {
      const forms = this.facts.forms[kind];
      if (fit(text, forms)?.fits === "whole") return { kind, number: asWritten(text, forms) };
    }
    return { kind: "reference", number: text };
  }

  /** Says while somebody types as what it is read. */
  #hint() {
    const note = this.page.querySelector("#wp-note-number");
    const { kind, number } = this.#read();
    const forms = [...this.facts.forms.case, ...this.facts.forms.rma];
    const found = kind === "reference" ? fit(number, forms) : null;
    if (!normal(this.number.value)) note.replaceChildren(note.dataset.hint);
    else if (kind === "reference" && found?.fits === "begins" && normal(number).length > 3) note.replaceChildren(say("tooShort", { example: found.form.example }));
    else if (kind === "reference" && found?.fits === "no" && found.at > 4) note.replaceChildren(say("alike", { example: found.form.example }));
    else note.replaceChildren(say({ case: "readCase", rma: "readRma", reference: "readReference" }[kind], { number }));
    if (!found?.guess || fit(found.guess, forms)?.fits !== "whole") return;
    const guess = asWritten(found.guess, forms);
    const button = element("button", { type: "button", class: "wp-copy" }, say("didYouMean", { guess }));
    button.addEventListener("click", () => {
      this.number.value = guess;
      this.#hint();
      this.number.focus();
    });
    note.append(" ", button);
  }

  async #search() {
    const [{ kind, number }, code] = [this.#read(), this.code.value];
    for (const [input, text, name] of [[this.number, number, "typeNumber"], [this.code, code, "typeCode"]]) {
      if (normal(text)) continue;
      this.status.textContent = say(name);
      input.focus();
      return;
    }
    const own = ++this.asked;
    this.region.setAttribute("aria-busy", "true");
    try {
      const kinds = kind === "reference" ? [kind] : [kind, "reference"];
      const found = await openMany(this.facts.table, kinds.map((one) => ({ [one]: number, code })));
      if (own === this.asked) this.#show(number, /** @type {Found[]} */ (found.filter(Boolean)));
    } catch (error) {
      if (own === this.asked) this.status.textContent = say(REASONS[error?.reason] ?? "failed");
    }
    if (own === this.asked) this.region.setAttribute("aria-busy", "false");
  }

  /** @param {string} number @param {Found[]} found */
  #show(number, found) {
    const [cases, returns] = ["cases", "returns"].map((name) => once(found.flatMap((one) => one[name])));
    const more = found.reduce((sum, one) => sum + (one.more ?? 0), 0);
    const lists = [cases, returns];
    lists.forEach((rows, at) => {
      this.tables[at].show(rows);
      this.page.querySelector(["[data-wp-cases-found]", "[data-wp-returns-found]"][at]).hidden = !rows.length;
    });
    if (!cases.length && !returns.length) {
      this.status.textContent = say("nothing", { number });
      return;
    }
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const zones = own === this.facts.zone ? say("zone", { vendor: own }) : say("zones", { own, vendor: this.facts.zone });
    const counted = say("found", { cases: sayMany("cases", cases.length), returns: sayMany("returns", returns.length) });
    this.status.textContent = [counted, more ? say("more", { count: more }) : "", zones].filter(Boolean).join(" ");
  }
}

/** Rows without those that stand there twice. @param {Record<string, string>[]} rows */
function once(rows) {
  return [...new Map(rows.map((row) => [row.rma ?? row.case, row])).values()];
}
