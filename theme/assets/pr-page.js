import { element, takenQuery } from "./dom.js";
import { showChips, showFeed } from "./pr-around.js";
import { forgetIndex, isLarge, prIndex } from "./pr-open.js";
import { Panel } from "./pr-panel.js";
import { Places } from "./pr-places.js";
import { entry, saveCsv } from "./pr-shown.js";
import { FIRST, onlyReports, readState, sameButWords, writeState } from "./pr-state.js";
import { hitsOf, releaseLinks, replaced, sayRefused, waysFrom } from "./pr-ways.js";
import { resultCount, say, texts } from "./texts.js";

/** @typedef {import("./pr-state.js").State} State */

const MORE = 20; // results that one more press shows
const FEW = 5; // results shown at first with a large index, where each costs a block of cards
const PAUSE = 10; // ms without a key before a search starts; a search takes hardly longer
const SLOW = 200; // ms after which a search says that it is running
const CALM = 120; // ms after which results count as looked at, and what stands beside them is counted

/**
 * PR Search on the page of problem reports. What is asked stands in the address; the static list is shown where nothing is.
 * @param {HTMLElement} root
 */
export function enhanceReports(root) {
  new ReportsPage(root).start();
}

class ReportsPage {
  /** @param {HTMLElement} root */
  constructor(root) {
    const find = (/** @type {string} */ selector) => root.querySelector(selector);
    this.root = root;
    this.form = find("form");
    this.box = this.form.elements.q;
    this.region = find("[data-wp-results]");
    this.status = find("[data-wp-status]");
    this.said = find("[data-wp-said]");
    this.corrected = find("[data-wp-corrected]");
    this.hits = find("[data-wp-hits]");
    this.listing = find("[data-wp-listing]");
    this.active = find(".wp-active");
    this.csv = find("[data-wp-csv]");
    this.kinds = find("[data-wp-kinds]");
    this.follow = find("[data-wp-follow]");
    this.count = this.status.textContent;
    this.filters = new Panel(find("[data-wp-filters]"), this.form);
    this.turn = 0;
    this.timer = 0;
    this.places = new Places();
    this.committed = ""; // query part of the address of the last step, which typing does not change
  }

  start() {
    const early = { ...this.filters.read(), q: this.box.value, show: FIRST }; // asked before this script had arrived
    history.scrollRestoration = "manual";
    this.state = readState(location.search);
    this.committed = writeState(this.state);
    this.places.enter();
    this.#listen();
    this.filters.onOpen = () => this.#count(this.turn, true);
    if (!location.search && writeState(early)) this.#go(early, "replace");
    else if (early.q && early.q !== this.state.q && document.activeElement === this.box) this.#go({ ...this.state, q: early.q, show: FIRST }, "replace", true);
    else this.#show(this.places.place);
    this.root.dataset.wpReady = "";
  }

  #listen() {
    this.box.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#go({ ...this.state, q: this.box.value, show: FIRST }, "replace"), PAUSE);
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.box.value) return;
      event.preventDefault();
      this.box.value = "";
      this.box.dispatchEvent(new Event("input"));
    });
    this.box.addEventListener("focus", () => prIndex().catch(() => {}), { once: true });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.timer);
      this.#go({ ...this.state, q: this.box.value, show: FIRST }, "push");
    });
    this.root.addEventListener("change", (event) => {
      if (event.target.form === this.form && event.target !== this.box) this.#go({ ...this.filters.read(), q: this.box.value, show: FIRST }, "push");
    });
    this.root.addEventListener("input", (event) => { // a suggestion was chosen
      if (event.inputType === "insertReplacementText") event.target.dispatchEvent(new Event("change", { bubbles: true }));
    });
    this.root.addEventListener("click", (event) => {
      const query = takenQuery(event);
      if (query) this.#go(readState(query), "push", true);
    });
    this.csv.addEventListener("click", () => this.#save());
    this.kinds.addEventListener("click", () => this.#go({ ...this.state, kind: onlyReports(this.state) ? [] : ["report"], show: FIRST }, "push", true));
    addEventListener("popstate", () => {
      clearTimeout(this.timer);
      this.state = readState(location.search);
      this.committed = writeState(this.state);
      this.places.enter();
      this.#show(this.places.place ?? 0);
    });
  }

  /**
   * Asks something else. A step is pushed: where typing has changed the address before, that becomes what it was.
   * @param {State} state
   * @param {"push" | "replace"} how
   * @param {boolean} fill whether the form does not show it yet
   */
  #go(state, how, fill = false) {
    const before = writeState(this.state);
    this.state = state;
    const address = writeState(state);
    if (how === "push" && address !== this.committed) {
      const typed = before !== this.committed && sameButWords(readState(before), state);
      if (typed) this.places.replace(this.committed);
      this.places.push(address);
      this.committed = address;
    } else if (address !== before || how === "replace") {
      this.places.replace(address);
    }
    this.#show(undefined, fill || how === "push");
  }

  /**
   * Shows what is asked. Of several searches under way only the latest is shown.
   * @param {number | undefined} place where the page is scrolled to then
   * @param {boolean} fill whether the form has to be filled
   */
  async #show(place, fill = true) {
    const turn = ++this.turn;
    const { state } = this;
    const asked = writeState({ ...state, show: FIRST }) !== "";
    this.region.setAttribute("aria-busy", "true");
    this.places.resting = place !== undefined;
    this.said.textContent = "";
    if (fill) {
      if (this.box.value !== state.q) this.box.value = state.q;
      this.filters.write(state);
    }
    this.#showState(asked);
    const done = () => {
      if (turn !== this.turn) return;
      clearTimeout(slow);
      this.region.setAttribute("aria-busy", "false");
      if (place !== undefined) scrollTo(0, place);
      this.places.resting = false;
    };
    const slow = setTimeout(() => {
      if (turn !== this.turn || !asked) return;
      this.status.textContent = texts().searching ?? "";
      this.hits.classList.add("wp-stale");
    }, SLOW);
    if (!asked) {
      this.found = undefined;
      this.hits.replaceChildren();
      this.corrected.textContent = "";
      this.csv.disabled = true;
      this.status.textContent = this.count;
      this.filters.reset();
      done();
      return;
    }
    try {
      await this.#search(turn, state);
    } catch (error) {
      if (turn === this.turn) this.#fail(error, state);
    }
    done();
    if (turn === this.turn) setTimeout(() => this.#count(turn), CALM);
  }

  /** @param {number} turn @param {State} state */
  async #search(turn, state) {
    const index = await prIndex();
    const { found, otherKinds, unknown } = await hitsOf(index, state);
    const named = state.platform.length || state.component.length ? await index.options() : undefined;
    const first = state.show === FIRST && isLarge(index) ? FEW : state.show;
    const cards = await index.cards(found.ordinals.slice(0, first));
    if (turn !== this.turn) return;
    if (named) {
      this.filters.learn(named, state);
      this.#showState(true);
    }
    const others = found.ordinals.length ? [] : await waysFrom(index, state, unknown, this.filters);
    const release = await releaseLinks(index, state);
    if (turn !== this.turn) return;
    this.found = found;
    this.#paint(found, cards, others, unknown);
    if (release) this.hits.prepend(release);
    if (otherKinds) this.corrected.textContent = texts().otherKinds ?? "";
  }

  #paint(found, cards, others, unknown) {
    const total = found.ordinals.length;
    this.hits.classList.remove("wp-stale");
    this.csv.disabled = !total;
    this.status.textContent = total ? resultCount(total) : unknown ? say("noNumber", { number: unknown }) : texts().nothing ?? "";
    this.corrected.textContent = found.corrections.map(([written, searched]) => say("corrected", { written, searched })).join(" ");
    this.hits.replaceChildren(...(total ? [this.#list(cards, found.terms)] : others));
    if (total > cards.length) this.hits.append(this.#moreButton(total - cards.length));
  }

  #list(cards, terms) {
    const kind = !onlyReports(this.state) || cards.some((card) => card.kind !== "report");
    return element("ul", { class: "wp-entries" }, ...cards.map((card) => entry(card, { terms, kind, names: this.filters.productName })));
  }

  /** @param {number} rest */
  #moreButton(rest) {
    const button = buttonFor("more", say("more", { count: Math.min(MORE, rest) }), () => this.#showMore(button));
    return element("p", { class: "wp-more" }, button);
  }

  /** @param {HTMLButtonElement} button */
  async #showMore(button) {
    const { turn, state, found } = this;
    const start = this.hits.querySelectorAll(".wp-entry").length;
    this.region.setAttribute("aria-busy", "true");
    try {
      const index = await prIndex();
      const cards = await index.cards(found.ordinals.slice(start, start + MORE));
      if (turn !== this.turn) return;
      this.state = { ...state, show: start + MORE };
      const committed = writeState(state) === this.committed;
      this.places.replace(writeState(this.state));
      if (committed) this.committed = writeState(this.state);
      const added = [...this.#list(cards, found.terms).children];
      this.hits.querySelector(".wp-entries").append(...added);
      const rest = found.ordinals.length - this.state.show;
      button.parentElement.remove();
      if (rest > 0) this.hits.append(this.#moreButton(rest));
      added[0]?.querySelector("a").focus({ preventScroll: true });
    } catch (error) {
      if (turn === this.turn) this.#fail(error, state);
    }
    if (turn === this.turn) this.region.setAttribute("aria-busy", "false");
  }

  /** Says what went wrong: with a filter, or with loading. @param {any} error @param {State} state */
  #fail(error, state) {
    this.found = undefined;
    this.csv.disabled = true;
    this.corrected.textContent = "";
    this.hits.classList.remove("wp-stale");
    if (error?.reason) {
      sayRefused(this.status, error, this.filters);
      const correct = () => this.#go({ ...replaced(this.state, error), show: FIRST }, "push", true);
      this.hits.replaceChildren(...(error.guess ? [element("p", {}, buttonFor("guess", say("guess", { guess: error.guess }), correct))] : []));
      return;
    }
    forgetIndex();
    this.status.textContent = texts().failed ?? "";
    this.hits.replaceChildren(element("p", {}, buttonFor("retry", texts().retry ?? "", () => this.#show())));
    if (!state.q) this.listing.hidden = false;
  }

  /** Numbers beside the filters. */
  async #count(turn, opened = false) {
    const { state, found } = this;
    if (turn !== this.turn || (!found && !opened)) return;
    try {
      const index = await prIndex();
      if (isLarge(index) && !this.filters.used) this.filters.blank();
      else await this.filters.recount(index, state, found, () => turn === this.turn);
    } catch { /* the numbers stay as they are; the search itself says what is wrong */ }
  }

  /** What stands around the results: chips of filters, the feed that fits, the switch to all kinds. @param {boolean} asked */
  #showState(asked) {
    const { state } = this;
    this.listing.hidden = asked;
    showChips(this.active, this.box, state, this.filters, (made) => this.#go(made(this.state), "push", true));
    this.kinds.textContent = (onlyReports(state) ? texts().everyKind : texts().onlyReports) ?? "";
    if (this.follow) showFeed(this.follow, state, this.filters);
  }

  async #save() {
    const { found } = this;
    if (!found) return;
    this.csv.disabled = true;
    try {
      const index = await prIndex();
      const total = found.ordinals.length;
      const saved = await saveCsv("waypost-results.csv", found.ordinals, (ordinals) => index.cards(ordinals), this.filters.productName);
      this.said.textContent = saved < total ? say("cut", { count: saved, total }) : "";
    } catch {
      this.said.textContent = texts().failed ?? "";
    }
    this.csv.disabled = false;
  }
}

/** @param {string} name @param {string} words @param {() => void} work */
function buttonFor(name, words, work) {
  const button = element("button", { type: "button", class: "wp-button", [`data-wp-${name}`]: "" }, words);
  button.addEventListener("click", work);
  return button;
}
