import { todayIn } from "./coverage.js";
import { element } from "./dom.js";
import { MOST, readList, textOf } from "./entitlement-list.js";
import { answer, card, inWords } from "./entitlement-shown.js";
import { Results } from "./entitlement-table.js";
import { asWritten, fit, isKnown, readings } from "./numbers.js";
import { normal } from "./seal-key.js";
import { canOpen, open, openMany, table } from "./seal.js";
import { say, sayMany } from "./texts.js";

/** @typedef {import("./entitlement-shown.js").Facts} Facts */

const LONG = 2_000; // characters of a text that is pasted
const DRAWN = 100; // ms between two pictures of the progress

/** "Is this serial number entitled to support?" @param {HTMLElement} page */
export function enhanceEntitlement(page) {
  new EntitlementPage(page).start();
}

class EntitlementPage {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    /** @type {Facts} */
    this.facts = JSON.parse(page.querySelector("[data-wp-facts]").textContent);
    this.one = page.querySelector("form[data-wp-one]");
    this.many = page.querySelector("form[data-wp-many]");
    this.inputs = this.facts.fields.map((field) => this.one.elements[field]);
    this.region = page.querySelector("[data-wp-results]");
    this.status = page.querySelector("[data-wp-status]");
    this.single = page.querySelector("[data-wp-card]");
    this.tabled = page.querySelector("[data-wp-tabled]");
    this.progress = page.querySelector("[data-wp-progress]");
    this.stopping = null; // AbortController of the work in hand
  }

  start() {
    if (!canOpen()) {
      this.page.querySelector("[data-wp-insecure]").hidden = false;
      this.page.querySelector("[data-wp-asking]").hidden = true;
      return;
    }
    this.results = new Results(this.page, this.facts);
    this.inputs.forEach((input, at) => {
      input.addEventListener("input", () => this.#hint(input, at, false));
      input.addEventListener("change", () => this.#hint(input, at, true));
    });
    this.inputs[0].addEventListener("focus", () => table(this.facts.table).catch(() => {}), { once: true }); // saves the first wait
    this.inputs[0].addEventListener("paste", (event) => this.#pasted(event));
    this.one.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#checkOne();
    });
    this.many.elements.list.addEventListener("input", () => this.#count());
    this.many.elements.list.addEventListener("paste", (event) => this.#pastedMany(event));
    this.many.elements.file.addEventListener("change", () => this.#file());
    this.many.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#checkMany();
    });
    this.progress.querySelector("button").addEventListener("click", () => this.stopping?.abort());
    this.inputs.forEach((input, at) => this.#hint(input, at, false)); // what was typed before this ran, or is back after a reload
    if (this.many.elements.list.value) this.#count();
    addEventListener("hashchange", () => this.#fromAddress());
    this.#fromAddress();
  }

  /** A number behind the `#` of the address, which no server gets to see. */
  #fromAddress() {
    const asked = decoded(location.hash.slice(1));
    if (!asked || this.facts.fields.length > 1 || asked === this.inputs[0].value) return;
    this.inputs[0].value = asked;
    this.#checkOne();
  }

  /** Says while somebody types what does not fit. @param {HTMLInputElement} input @param {number} at @param {boolean} left */
  #hint(input, at, left) {
    const found = fit(input.value, this.facts.forms[at]);
    const note = this.page.querySelector(`#wp-note-${input.name}`);
    const wrong = found && (found.fits === "no" || (left && found.fits === "begins"));
    input.setAttribute("aria-invalid", String(Boolean(wrong)));
    const example = found?.form.example ?? "";
    const words = !wrong ? note.dataset.hint : found.fits === "begins" ? say("tooShort", { pattern: found.form.pattern, example })
      : say(found.letter ? "wrongLetter" : "wrongNumber", { letter: found.letter, place: found.at, pattern: found.form.pattern, example });
    const guess = found?.guess ? asWritten(found.guess, this.facts.forms[at]) : "";
    if (note.dataset.said === `${words}${guess}`) return; // a button that is being pressed must stay
    note.dataset.said = `${words}${guess}`;
    note.replaceChildren(words);
    note.classList.toggle("wp-ask__wrong", Boolean(wrong));
    if (guess) note.append(" ", this.#instead(guess, say("didYouMean", { guess }), input));
  }

  /** A button that writes another number. @param {string} number @param {string} words @param {HTMLInputElement} input */
  #instead(number, words, input) {
    const button = element("button", { type: "button", class: "wp-copy" }, words);
    button.addEventListener("click", () => {
      input.value = number;
      this.#hint(input, this.inputs.indexOf(input), true);
      input.focus();
      if (this.inputs.every((one) => one.value)) this.#checkOne();
    });
    return button;
  }

  /** Several lines that are pasted where one belongs go to the list. @param {ClipboardEvent} event */
  #pasted(event) {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!/[\r\n]/.test(text.trim())) return;
    event.preventDefault();
    this.many.closest("details").open = true;
    this.many.elements.list.value = text;
    this.many.elements.list.focus();
    this.#count();
  }

  /** Browsers take seconds to insert a thousand lines as if they were typed. @param {ClipboardEvent} event */
  #pastedMany(event) {
    const text = event.clipboardData?.getData("text") ?? "";
    if (text.length < LONG) return;
    event.preventDefault();
    const { list } = this.many.elements;
    list.setRangeText(text, list.selectionStart, list.selectionEnd, "end");
    this.#count();
  }

  async #checkOne() {
    const values = this.inputs.map((input) => input.value.trim());
    const empty = this.inputs.find((input) => !normal(input.value));
    if (empty) {
      this.status.textContent = say(empty === this.inputs[0] ? "typeNumber" : "typeSecond");
      empty.focus();
      return;
    }
    if (values.length === 1) history.replaceState(history.state, "", `#${encodeURIComponent(normal(values[0]))}`);
    await this.#busy(async (signal) => {
      const row = await open(this.facts.table, this.#key(values));
      const today = todayIn(this.facts.zone);
      const others = row ? [] : await this.#readings(values);
      if (signal.aborted) return;
      const found = answer(asWritten(values[0], this.facts.forms[0]), row, this.facts, today);
      this.tabled.hidden = true;
      this.single.replaceChildren(element("h2", { class: "wp-id" }, found.serial), card(found, this.facts, today));
      for (const other of others) this.single.prepend(element("p", {}, this.#instead(other, say("didYouMean", { guess: other }), this.inputs[0])));
      this.single.hidden = false;
      this.status.textContent = this.#asOf(today);
    });
  }

  /** Which of the numbers that look like one that was not found are known. @param {string[]} values */
  async #readings([number, ...others]) {
    const read = readings(number);
    const rows = await openMany(this.facts.table, read.map((one) => this.#key([one, ...others])));
    return read.filter((_, at) => rows[at]);
  }

  /** @param {string[]} values @returns {Record<string, string>} */
  #key(values) {
    return Object.fromEntries(this.facts.fields.map((field, at) => [field, values[at] ?? ""]));
  }

  #list() {
    return readList(this.many.elements.list.value, this.facts.fields.length, this.facts.headings);
  }

  /** Says what the list holds. */
  #count() {
    const { asked, twice, unreadable } = this.#list();
    const odd = asked.filter(({ values }) => values.some((value, at) => this.facts.forms[at].length && !isKnown(value, this.facts.forms[at])));
    const words = [sayMany("counted", asked.length)];
    if (asked.length > MOST) words.push(say("tooMany", { most: MOST }));
    if (twice) words.push(say("twice", { count: twice }));
    if (odd.length) words.push(say("oddOnes", { count: odd.length, first: odd[0].written }));
    if (unreadable.length) words.push(say("unreadable", { count: unreadable.length, first: unreadable[0].slice(0, 40) }));
    this.many.querySelector("[data-wp-counted]").textContent = words.join(" ");
    this.many.querySelector("button").disabled = !asked.length || asked.length > MOST;
  }

  async #file() {
    const [file] = this.many.elements.file.files;
    if (!file) return;
    const text = await textOf(file).catch(() => null);
    if (text === null) this.many.querySelector("[data-wp-counted]").textContent = say("tooLarge", { name: file.name, most: MOST });
    else {
      this.many.elements.list.value = text.trim();
      this.#count();
    }
    this.many.elements.file.value = ""; // the same file can be chosen again
  }

  async #checkMany() {
    const { asked } = this.#list();
    if (!asked.length || asked.length > MOST) return;
    const today = todayIn(this.facts.zone);
    const answers = [];
    const show = (/** @type {boolean} */ stopped) => {
      this.single.hidden = true;
      this.tabled.hidden = !answers.length;
      const found = answers.filter(Boolean);
      this.results.show(found, today);
      const count = (/** @type {string} */ state) => found.filter((one) => one.state === state).length;
      const words = say("checked", { count: found.length, active: count("active"), expired: count("expired"), none: count("none"), unknown: count("unknown") });
      this.status.textContent = `${stopped ? `${say("stopped", { count: found.length, total: asked.length })} ` : ""}${words} ${this.#asOf(today)}`;
    };
    await this.#busy(async (signal) => {
      const bar = this.progress.querySelector("progress");
      const text = this.progress.querySelector("[data-wp-done]");
      let drawn = -Infinity;
      const draw = (/** @type {number} */ done) => {
        [bar.max, bar.value] = [asked.length, done];
        text.textContent = say("progress", { done, total: asked.length });
      };
      draw(0);
      this.progress.hidden = false;
      const report = (/** @type {number} */ done, /** @type {number} */ _, /** @type {number} */ index, /** @type {any} */ row) => {
        answers[index] = answer(asWritten(asked[index].written, this.facts.forms[0]), row, this.facts, today);
        if (performance.now() - drawn < DRAWN) return;
        drawn = performance.now();
        draw(done);
      };
      try {
        await openMany(this.facts.table, asked.map(({ values }) => this.#key(values)), report, signal);
        if (this.stopping.signal === signal) show(false);
      } catch (error) {
        if (!signal.aborted) throw error;
        if (this.stopping.signal === signal) show(true);
      }
    });
  }

  /** Does work that takes a while; what was in hand is given up. @param {(signal: AbortSignal) => Promise<void>} work */
  async #busy(work) {
    this.stopping?.abort();
    const own = new AbortController();
    this.stopping = own;
    this.region.setAttribute("aria-busy", "true");
    try {
      await work(own.signal);
    } catch (error) {
      if (this.stopping === own) this.status.textContent = say({ offline: "offline", missing: "offline", unknown: "outdated", damaged: "damaged" }[error?.reason] ?? "failed");
    }
    if (this.stopping !== own) return;
    this.region.setAttribute("aria-busy", "false");
    this.progress.hidden = true;
  }

  /** @param {string} today */
  #asOf(today) {
    return say("asOf", { day: inWords(today), zone: this.facts.zone });
  }
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
