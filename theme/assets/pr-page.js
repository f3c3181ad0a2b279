import { element, languageRoot } from "./dom.js";
import { Panel } from "./pr-panel.js";
import { forgetIndex, isLarge, prIndex } from "./pr-open.js";
import { entry, label, saveCsv, SECTIONS } from "./pr-shown.js";
import { FIELDS, FIRST, filtersOf, GROUPS, onlyReports, readState, writeState } from "./pr-state.js";
import { resultCount, say, texts } from "./texts.js";

/** @typedef {import("./pr-state.js").State} State */

const MORE = 20; // results that one more press shows
const FEW = 5; // results shown at first with a large index, where each costs a block of cards
const PAUSE = 10; // ms without a key before a search starts; a search takes hardly longer
const SLOW = 200; // ms after which a search says that it is running
const CALM = 120; // ms after which results count as looked at, and what stands beside them is counted
const PLACES = "waypost-pr-places";

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
    this.places = readPlaces(); // scroll positions by key of history entry
    this.committed = ""; // query part of the address of the last step, which typing does not change
  }

  start() {
    const early = { ...this.filters.read(), q: this.box.value, show: FIRST }; // asked before this script had arrived
    history.scrollRestoration = "manual";
    this.state = readState(location.search);
    this.committed = writeState(this.state);
    this.#key(history.state?.key);
    this.#listen();
    this.filters.onOpen = () => this.#count(this.turn, true);
    if (!location.search && writeState(early)) this.#go(early, "replace");
    else if (early.q && early.q !== this.state.q && document.activeElement === this.box) this.#go({ ...this.state, q: early.q, show: FIRST }, "replace", true);
    else this.#show(this.places[this.key]);
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
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.root.addEventListener("change", (event) => {
      if (event.target.form === this.form && event.target !== this.box) this.#go({ ...this.filters.read(), q: this.box.value, show: FIRST }, "push");
    });
    this.root.addEventListener("input", (event) => { // a suggestion was chosen
      if (event.inputType === "insertReplacementText") event.target.dispatchEvent(new Event("change", { bubbles: true }));
    });
    this.root.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const address = new URL(link.href);
      if (address.origin !== location.origin || address.pathname !== location.pathname || !address.search) return;
      event.preventDefault();
      this.#go(readState(address.search), "push", true);
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, select, textarea, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.box.focus();
      this.box.select();
    });
    this.csv.addEventListener("click", () => this.#save());
    this.kinds.addEventListener("click", () => this.#go({ ...this.state, kind: onlyReports(this.state) ? [] : ["report"], show: FIRST }, "push", true));
    addEventListener("popstate", () => {
      clearTimeout(this.timer);
      this.state = readState(location.search);
      this.committed = writeState(this.state);
      this.#key(history.state?.key);
      this.#show(this.places[this.key] ?? 0);
    });
    addEventListener("scroll", () => { if (!this.restoring) this.places[this.key] = scrollY; }, { passive: true });
    addEventListener("pagehide", () => {
      try { sessionStorage.setItem(PLACES, JSON.stringify(this.places)); } catch { /* storage may be forbidden */ }
    });
  }

  #submit() {
    clearTimeout(this.timer);
    this.#go({ ...this.state, q: this.box.value, show: FIRST }, "push");
  }

  /** Names the current entry of the history. @param {string | undefined} key */
  #key(key) {
    this.key = key ?? Math.random().toString(36).slice(2);
    if (!key) history.replaceState({ ...history.state, key: this.key }, "");
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
    const at = (/** @type {string} */ query) => location.pathname + query;
    if (how === "push" && address !== this.committed) {
      const typed = before !== this.committed && sameButWords(readState(before), state);
      if (typed) history.replaceState({ key: this.key }, "", at(this.committed));
      this.places[this.key] = scrollY;
      this.key = Math.random().toString(36).slice(2);
      history.pushState({ key: this.key }, "", at(address));
      this.committed = address;
    } else if (address !== before || how === "replace") {
      history.replaceState({ key: this.key }, "", at(address));
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
    this.restoring = place !== undefined;
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
      this.restoring = false;
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
    let found = await index.search(state.q, filtersOf(state), { sort: state.sort });
    const number = found.ordinals.length ? "" : numberIn(state.q);
    const elsewhere = number && onlyReports(state) ? await index.search(state.q, filtersOf(state, "kind"), { sort: state.sort }) : found;
    if (elsewhere.ordinals.length) found = elsewhere;
    const unknown = number && !(await index.search(state.q)).ordinals.length ? number : "";
    const named = state.platform.length || state.component.length ? await index.options() : undefined;
    const first = state.show === FIRST && isLarge(index) ? FEW : state.show;
    const cards = await index.cards(found.ordinals.slice(0, first));
    if (turn !== this.turn) return;
    if (named) {
      this.filters.learn(named, state);
      this.#showState(true);
    }
    const others = found.ordinals.length ? [] : await this.#ways(index, state, unknown);
    const release = await this.#release(index, state);
    if (turn !== this.turn) return;
    this.found = found;
    this.#paint(found, cards, others, unknown);
    if (release) this.hits.prepend(release);
    if (number && found.ordinals.length) this.corrected.textContent = texts().otherKinds ?? "";
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
    const button = element("button", { type: "button", class: "wp-button", "data-wp-more": "" }, say("more", { count: Math.min(MORE, rest) }));
    button.addEventListener("click", () => this.#showMore(button));
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
      history.replaceState({ key: this.key }, "", location.pathname + writeState(this.state));
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

  /** Where the query is the name of a release: ways to the problems that it has and that it resolves. @param {State} state */
  async #release(index, state) {
    const wanted = state.q.trim().toLowerCase();
    if (!/^\d\S*$/.test(wanted) || !wanted.includes(".")) return null;
    const { products } = await index.options();
    const release = products.flatMap((product) => product.releases).find((one) => one.id.toLowerCase() === wanted);
    if (!release) return null;
    const links = await Promise.all([["affects", "problemsOf"], ["fixed", "problemsFixed"]].map(async ([name, words]) => {
      const changed = { ...state, q: "", [name]: release.id, show: FIRST };
      const { ordinals } = await index.search("", filtersOf(changed));
      return element("a", { href: writeState(changed) }, `${say(words, { release: release.id })} (${ordinals.length.toLocaleString(document.documentElement.lang)})`);
    }));
    return element("p", { class: "wp-hint", "data-wp-release": "" }, ...links.flatMap((link) => [link, " "]));
  }

  /** What a reader can do who found nothing. @param {State} state @param {string} number that no record has, if that is the question */
  async #ways(index, state, number) {
    const made = [];
    if (number) {
      const near = await index.nearest(number);
      if (near.length) {
        const cards = await index.cards(near.map((one) => one.ordinal));
        made.push(element("p", {}, texts().nearest ?? ""), element("ul", { class: "wp-entries", "data-wp-nearest": "" },
          ...cards.map((card) => entry(card, { names: this.filters.productName }))));
      }
    }
    const ways = [];
    const count = async (changed) => (await index.search(changed.q, filtersOf(changed))).ordinals.length;
    const offer = async (words, changed) => {
      const hits = await count(changed);
      if (hits) ways.push(element("a", { href: writeState(changed) || location.pathname }, `${words} (${hits.toLocaleString(document.documentElement.lang)})`));
    };
    for (const name of [...GROUPS, ...FIELDS]) {
      const set = typeof state[name] === "string" ? state[name] : state[name].length;
      if (!set) continue;
      const empty = typeof state[name] === "string" ? "" : [];
      const words = name === "kind" ? texts().everyKind ?? "" : say("without", { filter: this.filters.described(name, state) });
      await offer(words, { ...state, [name]: empty, show: FIRST });
    }
    const words = state.q.trim();
    const steps = ways.map((way) => element("li", {}, way));
    if (words && !number) steps.push(element("li", {}, texts().spelling ?? ""));
    if (words) steps.push(element("li", {}, element("a", { href: `${languageRoot()}search/?q=${encodeURIComponent(words)}` }, say("whole", { query: words }))));
    if (steps.length) made.push(element("p", {}, texts().steps ?? ""), element("ul", { class: "wp-steps" }, ...steps));
    return made;
  }

  /** Says what went wrong: with a filter, or with loading. @param {any} error @param {State} state */
  #fail(error, state) {
    this.found = undefined;
    this.csv.disabled = true;
    this.corrected.textContent = "";
    this.hits.classList.remove("wp-stale");
    if (error?.reason) {
      const name = this.filters.title(error.name);
      const reason = { empty: "wrongEmpty", date: "wrongDay" }[error.reason] ?? "wrong";
      this.status.textContent = say(reason, { name, value: error.value });
      if (error.guess) this.status.append(" ", say("didYouMean", { guess: error.guess }));
      const steps = [];
      if (error.guess) {
        const button = element("button", { type: "button", class: "wp-button", "data-wp-guess": "" }, say("guess", { guess: error.guess }));
        button.addEventListener("click", () => this.#go({ ...replaced(this.state, error), show: FIRST }, "push", true));
        steps.push(element("p", {}, button));
      }
      this.hits.replaceChildren(...steps);
      return;
    }
    forgetIndex();
    this.status.textContent = texts().failed ?? "";
    const button = element("button", { type: "button", class: "wp-button", "data-wp-retry": "" }, texts().retry ?? "");
    button.addEventListener("click", () => this.#show());
    this.hits.replaceChildren(element("p", {}, button));
    if (!state.q) this.listing.hidden = false;
  }

  /** Numbers beside the filters: those that are seen at once, each group without its own choice. */
  async #count(turn, opened = false) {
    const { state, found } = this;
    if (turn !== this.turn) return;
    if (!found && !opened) return;
    try {
      const index = await prIndex();
      if (isLarge(index) && !this.filters.used) {
        this.filters.blank();
        return;
      }
      const every = found ?? await index.search("", filtersOf(state));
      for (const name of this.filters.shown()) {
        if (turn !== this.turn) return;
        const own = filtersOf(state).some((filter) => filter.name === name);
        const base = own ? await index.search(state.q, filtersOf(state, name)) : every;
        const counts = await index.counts(base.ordinals, name);
        if (["platform", "component"].includes(name)) this.filters.learn(await index.options(), state);
        if (turn === this.turn) this.filters.count(name, counts);
      }
    } catch { /* the numbers stay as they are; the search itself says what is wrong */ }
  }

  /** What stands around the results: chips of filters, the feed that fits, the switch to all kinds. @param {boolean} asked */
  #showState(asked) {
    const { state } = this;
    this.listing.hidden = asked;
    const chips = [];
    for (const name of [...GROUPS, ...FIELDS]) {
      if (name === "kind" && onlyReports(state)) continue;
      for (const value of typeof state[name] === "string" ? [state[name]].filter(Boolean) : state[name]) chips.push(this.#chip(name, value));
    }
    if (chips.length > 1) {
      const clear = element("button", { type: "button", class: "wp-copy" }, texts().clear ?? "");
      clear.addEventListener("click", () => {
        this.#go({ ...readState(""), q: state.q, sort: state.sort }, "push", true);
        this.box.focus();
      });
      chips.push(element("li", {}, clear));
    }
    const words = chips.map((chip) => chip.textContent).join("\n");
    if (words !== this.active.dataset.words) {
      this.active.dataset.words = words;
      this.active.replaceChildren(...chips);
      this.active.hidden = !chips.length;
    }
    this.filters.active(chips.length > 1 ? chips.length - 1 : chips.length);
    this.kinds.textContent = (onlyReports(state) ? texts().everyKind : texts().onlyReports) ?? "";
    this.#showFeed();
  }

  /** @param {string} name @param {string} value */
  #chip(name, value) {
    const filter = `${this.filters.title(name)}: ${this.filters.valueName(name, value)}`;
    const button = element("button", { type: "button", class: "wp-chip", title: say("remove", { filter }), "aria-label": say("remove", { filter }) }, filter,
      element("span", { "aria-hidden": "true" }, " ✕"));
    button.addEventListener("click", () => {
      const kept = typeof this.state[name] === "string" ? "" : this.state[name].filter((one) => one !== value);
      this.#go({ ...this.state, [name]: kept, show: FIRST }, "push", true);
      (this.active.querySelector("button") ?? this.box).focus({ preventScroll: true });
    });
    return element("li", {}, button);
  }

  /** The narrowest feed that tells of new results: of the component, of the product, of the kind. */
  #showFeed() {
    if (!this.follow) return;
    const { component, product, kind } = this.state;
    const one = (/** @type {string[]} */ list) => (list.length === 1 ? list[0] : "");
    let [feed, topic] = ["all", texts().everything ?? ""];
    if (one(component)) [feed, topic] = [`component-${slug(one(component))}`, this.filters.valueName("component", one(component))];
    else if (one(product)) [feed, topic] = [`product-${one(product)}`, this.filters.valueName("product", one(product))];
    else if (one(kind)) [feed, topic] = [SECTIONS[one(kind)] ?? "all", this.filters.valueName("kind", one(kind))];
    this.follow.href = `${languageRoot()}feeds/${feed}.atom`;
    this.follow.textContent = say("follow", { topic });
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

/** The number that a query is, else an empty string. @param {string} text */
function numberIn(text) {
  return /^\s*(?:pr[-# ]?)?([a-z]*-?\d[\d-]{2,})\s*$/i.exec(text)?.[1] ?? "";
}

/** Whether two states differ in words alone. @param {State} a @param {State} b */
function sameButWords(a, b) {
  return writeState({ ...a, q: "", show: FIRST }) === writeState({ ...b, q: "", show: FIRST });
}

/** The state with the guess in the place of a value that cannot be. @param {State} state @param {{name: string, value: string, guess: string}} error */
function replaced(state, { name, value, guess }) {
  const held = state[name];
  const put = (/** @type {string} */ text) => (text.trim() === value ? guess : text);
  if (Array.isArray(held) && held.includes(value)) return { ...state, [name]: held.map(put) };
  if (typeof held === "string" && held.split(",").some((text) => text.trim() === value)) return { ...state, [name]: held.split(",").map(put).join(",") };
  return { ...state, q: state.q.replace(new RegExp(`(${name}:\\S*?)${RegExp.escape?.(value) ?? value.replace(/[^\w\s]/g, "\\$&")}`, "i"), (_, before) => before + guess) };
}

/** A text as feeds name it (generator/urls.py). @param {string} text */
function slug(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join("-") ?? "x";
}

function readPlaces() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACES) ?? "{}");
  } catch {
    return {};
  }
}
