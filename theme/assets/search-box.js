import { element } from "./dom.js";
import { allResults, excerptOf, figure, groupsOf, kindOf, languageOf, languageTag, outcome, plural } from "./found.js";
import { asked, PAUSE, searcher, takeLines, warmUp } from "./search-run.js";
import { resultCount, say, texts } from "./texts.js";

/** @typedef {import("./find.js").Found} Found */
/** @typedef {import("./find.js").Result} Result */

const MOST = 5; // results of a group
const SHOWN = 8; // results of all groups, but at least one of each

/**
 * Results under a search box, a combo box in ARIA's terms: arrows choose, Enter opens, Escape closes. Enter without a choice opens the
 * record that is named, else the page of all results.
 * @param {HTMLInputElement} input
 */
export function enhanceSearchBox(input) {
  return new SearchBox(input);
}

class SearchBox {
  /** @param {HTMLInputElement} input */
  constructor(input) {
    this.input = input;
    this.form = input.form;
    this.list = element("div", { id: `${input.id}-list`, role: "listbox", "aria-label": texts().results ?? "" });
    this.note = element("p", { "aria-hidden": "true", hidden: "" }); // the status says it to screen readers
    this.panel = element("div", { class: "wp-results", hidden: "" }, this.note, this.list);
    this.status = element("p", { class: "wp-visually-hidden", role: "status" });
    this.form.append(this.panel, this.status);
    Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list", autocomplete: "off" })
      .forEach(([name, value]) => input.setAttribute(name, value));
    this.current = -1;
    this.timer = 0;
    /** @type {{query: string, found: Found | null}} */
    this.shown = { query: "", found: null };
    this.running = { query: "", done: Promise.resolve() };
    this.search = searcher(() => this.#wait(), (query, found) => this.#show(query, found));
    takeLines(input);
    input.addEventListener("focus", () => this.#start());
    input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#start(), PAUSE);
    });
    input.addEventListener("keydown", (event) => this.#press(event));
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.form.addEventListener("focusout", (event) => { if (!this.form.contains(event.relatedTarget)) this.#open(false); });
    addEventListener("pagehide", () => this.#open(false));
    warmUp();
    if (asked(input.value)) this.#start();
  }

  #start() {
    const query = asked(this.input.value);
    clearTimeout(this.timer);
    if (query === this.shown.query && this.shown.found) this.#show(query, this.shown.found);
    else this.running = { query, done: this.search(query, { limit: MOST }) };
    return this.running.done;
  }

  /** Opens what the query names, when it is known whether it names something; else all results. */
  async submit() {
    const query = asked(this.input.value);
    if (!query) { location.assign(this.form.action); return; }
    if (this.running.query === query) clearTimeout(this.timer);
    else this.#start();
    await this.running.done;
    if (asked(this.input.value) !== query) return; // something else has been typed since
    location.assign((this.shown.query === query && this.shown.found?.jump?.href) || allResults(this.form, query));
  }

  #options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  /** @param {number} position */
  #choose(position) {
    const all = this.#options();
    all[this.current]?.setAttribute("aria-selected", "false");
    this.current = position;
    const chosen = all[position];
    if (!chosen) { this.input.removeAttribute("aria-activedescendant"); return; }
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", chosen.id);
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    this.panel.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen && this.#options().length > 0));
    if (!isOpen) this.status.textContent = "";
    this.#choose(-1);
  }

  #wait() {
    this.#fill([], texts().searching ?? "");
    if (this.form.contains(document.activeElement)) this.#open(true);
  }

  /** @param {Node[]} content @param {string} note @param {string} said to screen readers */
  #fill(content, note, said = note) {
    this.list.replaceChildren(...content);
    this.note.textContent = note;
    this.note.hidden = !note;
    this.status.textContent = said;
  }

  /** @param {string} query @param {Found | null} found */
  #show(query, found) {
    this.shown = { query, found };
    if (!query || !this.form.contains(document.activeElement)) { this.#open(false); return; }
    const groups = found ? shared(groupsOf(found, MOST)) : [];
    const nearest = found?.total ? [] : found?.unknown?.nearest.slice(0, MOST) ?? [];
    const content = groups.map((group) => this.#group(group.kind, `${plural(group.kind)} `, group.results, figure(group.total)));
    if (found?.jump) content.unshift(this.#option(found.jump, "jump", element("span", { class: "wp-kind" }, kindOf(found.jump)),
      element("kbd", { class: "wp-enter", "aria-hidden": "true" }, texts().enter ?? "")));
    if (nearest.length) content.push(this.#group("nearest", texts().nearest ?? "", nearest));
    if (found?.total) {
      content.push(element("a", { id: `${this.input.id}-all`, role: "option", class: "wp-results__all", href: allResults(this.form, query), tabindex: "-1",
        "aria-selected": "false" }, `${texts().all}: ${outcome(query, found)}`));
    }
    const note = found?.total ? remarks(found) : outcome(query, found);
    const counts = groups.map((group) => `${plural(group.kind)}: ${figure(group.total)}`).join(", ");
    const jump = found?.jump ? `${texts().enter}: ${kindOf(found.jump)}, ${found.jump.title}` : "";
    this.#fill(content, note, found?.total ? [resultCount(found.total), note, jump, counts].filter(Boolean).join(". ") : note);
    this.#open(true);
  }

  /** @param {string} name @param {string} title @param {Result[]} results @param {string} count */
  #group(name, title, results, count = "") {
    const id = `${this.input.id}-${name}`;
    return element("div", { role: "group", "aria-labelledby": id },
      element("div", { id, role: "presentation", class: "wp-results__kind" }, title, ...(count ? [element("span", { class: "wp-count" }, count)] : [])),
      ...results.map((result, number) => this.#option(result, `${name}-${number}`, element("span", { class: "wp-kind" },
        name === "nearest" ? kindOf(result) : result.id))));
  }

  /** @param {Result} result @param {string} name @param {...Node} beside */
  #option(result, name, ...beside) {
    const made = element("a", { id: `${this.input.id}-${name}`, role: "option", href: result.href, tabindex: "-1", "aria-selected": "false" },
      element("strong", languageOf(result), result.title), element("span", { class: "wp-results__side" }, ...languageTag(result), ...beside));
    if (result.excerpt) made.append(element("span", { class: "wp-results__text", ...languageOf(result) }, ...excerptOf(result.excerpt)));
    return made;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.isComposing) return;
    const count = this.panel.hidden ? 0 : this.#options().length;
    const moves = { ArrowDown: this.current + 1, ArrowUp: this.current < 0 ? count - 1 : this.current - 1 };
    if (this.current >= 0) Object.assign(moves, { Home: 0, End: count - 1 }); // before, they move the cursor in the box
    if (count && Object.hasOwn(moves, event.key) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#choose((moves[event.key] + count) % count);
    } else if (event.key === "Escape" && !this.panel.hidden) {
      event.preventDefault(); // the first one closes, the next one clears
      this.#open(false);
    } else if (event.key === "ArrowDown" && this.panel.hidden && asked(this.input.value)) {
      event.preventDefault();
      this.#start();
    } else if (event.key === "Enter" && this.current >= 0 && count) {
      event.preventDefault();
      this.#options()[this.current].click();
    }
  }
}

/**
 * Groups cut to so many results as there is room for, the first ones having more.
 * @param {import("./find.js").Group[]} groups
 */
function shared(groups) {
  let room = SHOWN - groups.length;
  return groups.map((group) => {
    const more = Math.max(0, Math.min(room, group.results.length - 1));
    room -= more;
    return { ...group, results: group.results.slice(0, 1 + more) };
  });
}

/** What has been searched otherwise than written. @param {Found} found */
function remarks({ understood: { corrected, relaxed } }) {
  const changes = corrected.map(([written, searched]) => say("corrected", { written, searched }));
  return [...changes, ...(relaxed ? [texts().some ?? ""] : [])].join(" ");
}
