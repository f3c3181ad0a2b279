import { element, takenQuery } from "./dom.js";
import { countOf, excerptOf, figure, groupsOf, kindOf, languageOf, languageTag, outcome, plural } from "./found.js";
import { Filters } from "./search-filters.js";
import { notes, steps } from "./search-notes.js";
import { ask, asked, PAUSE, searcher, takeLines, warmUp } from "./search-run.js";
import { FIRST, readState, writeState } from "./search-state.js";
import { say, texts } from "./texts.js";

/** @typedef {import("./find.js").Found} Found */
/** @typedef {import("./find.js").Result} Result */
/** @typedef {import("./search-run.js").Ask} Ask */
/** @typedef {import("./search-state.js").State} State */

const FEW = 5; // results of each kind where several are shown
const MORE = 20; // results that one more press shows
const RELEASES = 6; // shown of a result
const CALM = 150; // ms after which the page has stopped to scroll

/**
 * The results page: what is asked stands in the address, so that it can be shared; going back and reloading restore the place.
 * @param {HTMLInputElement} input
 * @param {HTMLElement} holder names the search engine, where there is one (docs/opensearch.md)
 */
export function enhanceSearchPage(input, holder) {
  return new SearchPage(input, holder);
}

class SearchPage {
  /** @param {HTMLInputElement} input @param {HTMLElement} holder */
  constructor(input, holder) {
    this.input = input;
    this.holder = holder;
    this.ask = engineOf(holder) ?? ask;
    this.status = element("p", { role: "status" });
    this.notes = element("div", { class: "wp-notes", "aria-live": "polite" });
    this.hits = element("div", { class: "wp-hits" });
    this.sections = document.querySelector("[data-wp-sections]");
    holder.append(this.status, this.notes, this.hits);
    this.filters = new Filters(document.querySelector("[data-wp-narrow]"), (change) => this.#go({ ...this.state, ...change, show: FIRST }));
    this.search = searcher(() => this.#wait(), (query, found) => this.#show(found), this.ask);
    this.timer = 0;
    this.found = null;
    this.restored = true; // whether the page stands where its entry of the history says
    this.done = Promise.resolve();
    history.scrollRestoration = "manual";
    const typed = input.value; // before this script had arrived
    this.state = readState(location.search);
    this.#listen();
    if (asked(typed) && asked(typed) !== asked(this.state.q)) this.#go({ ...this.state, q: asked(typed), show: FIRST }, "replace");
    else if (location.search) this.#run(history.state?.scroll ?? 0);
    else warmUp();
  }

  #listen() {
    takeLines(this.input);
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#type(), PAUSE);
    });
    this.input.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.filters.panel.parentElement.addEventListener("click", (event) => {
      const query = takenQuery(event);
      if (query) this.#go(readState(query));
    });
    addEventListener("popstate", () => {
      clearTimeout(this.timer);
      this.state = readState(location.search);
      this.#run(history.state?.scroll ?? 0);
    });
    addEventListener("scroll", () => {
      clearTimeout(this.scrolled);
      this.scrolled = setTimeout(() => this.#keepPlace(), CALM);
    }, { passive: true });
    addEventListener("pagehide", () => this.#keepPlace());
  }

  /** Notes in the history where on the page the reader is. */
  #keepPlace() {
    clearTimeout(this.scrolled);
    if (this.restored) history.replaceState({ scroll: scrollY }, "");
  }

  /** Searches with the words that stand in the box. */
  #type() {
    const query = asked(this.input.value);
    if (query !== this.state.q) this.#go({ ...this.state, q: query, show: FIRST }, "replace", false);
  }

  /** Opens the record that is named, as soon as it is known whether one is. */
  async submit() {
    clearTimeout(this.timer);
    this.#type();
    const { state } = this;
    await this.done;
    if (this.state === state && asked(this.input.value) === state.q && this.found?.jump) location.assign(this.found.jump.href);
  }

  /**
   * Asks something else.
   * @param {State} state
   * @param {"push" | "replace"} how a step that can be taken back, or a letter
   * @param {boolean} fill whether the box does not show it yet
   */
  #go(state, how = "push", fill = true) {
    this.state = state;
    const address = location.pathname + writeState(state);
    if (how === "replace") history.replaceState(null, "", address);
    else if (address !== location.pathname + location.search) {
      this.#keepPlace();
      history.pushState(null, "", address);
    }
    this.#run(undefined, fill);
  }

  /**
   * Searches for what is asked.
   * @param {number} [place] where the page is scrolled to then
   * @param {boolean} fill
   */
  #run(place, fill = true) {
    const { q, kind, product, release, show } = this.state;
    if (fill && asked(this.input.value) !== q) this.input.value = q;
    this.place = place;
    this.restored = place === undefined;
    this.found = null;
    this.holder.setAttribute("aria-busy", "true");
    if (q) this.sections?.setAttribute("hidden", "");
    this.done = this.search(asked(q), { limit: kind.length === 1 ? show : FEW, kinds: kind, product, release });
  }

  #wait() {
    this.status.textContent = texts().searching ?? "";
    if (this.hits.childElementCount) this.hits.classList.add("wp-stale");
    else this.hits.replaceChildren(...Array.from({ length: FEW }, () => element("div", { class: "wp-skeleton", "aria-hidden": "true" })));
  }

  /** @param {Found | null} found */
  #show(found) {
    const { state } = this;
    const query = asked(state.q);
    this.found = found;
    this.holder.setAttribute("aria-busy", "false");
    this.hits.classList.remove("wp-stale");
    this.status.textContent = query ? outcome(query, found) : "";
    this.filters.show(state, query ? found : null);
    this.notes.replaceChildren(...(query && found ? notes(state, found) : []));
    this.hits.replaceChildren(...this.#content(query, found));
    this.sections?.toggleAttribute("hidden", Boolean(query && found && countOf(found)));
    if (this.place) scrollTo(0, this.place);
    this.place = undefined;
    this.restored = true;
  }

  /** @param {string} query @param {Found | null} found */
  #content(query, found) {
    if (!query) return [];
    if (!found) return [this.#button(texts().retry ?? "", () => this.#run())];
    const made = found.jump ? [this.#jump(found.jump)] : this.#nearest(found);
    made.push(...groupsOf(found, this.state.kind.length === 1 ? this.state.show : FEW).map((group) => this.#group(group)));
    if (!countOf(found)) made.push(...steps(this.state, found, this.ask));
    return made;
  }

  /** The record that is named. @param {Result} result */
  #jump(result) {
    return element("div", { class: "wp-jump" },
      element("p", { class: "wp-kind" }, `${kindOf(result)} `, ...languageTag(result), element("kbd", { class: "wp-enter" }, texts().enter ?? "")),
      element("h2", { class: "wp-entry__title" }, titleLink(result)), ...summary(result));
  }

  /** @param {import("./find.js").Group} group */
  #group({ kind, total, results }) {
    const id = `wp-of-${kind}`;
    const rest = total - results.length;
    const made = element("section", { class: "wp-group", "aria-labelledby": id },
      element("h2", { id }, plural(kind), " ", element("span", { class: "wp-count" }, figure(total))),
      element("ul", { class: "wp-entries" }, ...results.map((result) => this.#entry(result))));
    if (rest > 0 && this.state.kind.length === 1) made.append(this.#more(rest));
    else if (rest > 0) {
      made.append(element("p", { class: "wp-more" },
        element("a", { href: writeState({ ...this.state, kind: [kind], show: FIRST }) }, say("showAll", { count: total }), element("span", { class: "wp-visually-hidden" }, `: ${plural(kind)}`))));
    }
    return made;
  }

  /** @param {number} rest */
  #more(rest) {
    return this.#button(say("more", { count: Math.min(MORE, rest) }), async () => {
      const before = this.hits.querySelectorAll(".wp-entry").length;
      this.state = { ...this.state, show: this.state.show + MORE };
      history.replaceState({ scroll: scrollY }, "", location.pathname + writeState(this.state));
      this.#run(scrollY);
      await this.done;
      this.hits.querySelectorAll(".wp-entry h3 a")[before]?.focus({ preventScroll: true });
    });
  }

  /** @param {string} title @param {() => void} press */
  #button(title, press) {
    const button = element("button", { type: "button", class: "wp-button" }, title);
    button.addEventListener("click", press);
    return element("p", { class: "wp-more" }, button);
  }

  /** @param {Result} result @param {string} [id] shown before it */
  #entry(result, id = result.id) {
    const head = [...(id ? [element("span", { class: "wp-id" }, id)] : []), ...languageTag(result),
      ...(result.why ? [element("span", { class: "wp-kind" }, result.why)] : [])];
    return element("li", { class: "wp-entry" }, ...(head.length ? [element("div", { class: "wp-entry__head" }, ...head)] : []),
      element("h3", { class: "wp-entry__title" }, titleLink(result)), ...summary(result), ...this.#facts(result));
  }

  /** Products, and releases that hold a fix. @param {Result} result */
  #facts({ products, releases }) {
    if (!products.length && !releases.length) return [];
    const named = products.map((product) => this.filters.productName(product)).join(", ");
    const chosen = releases.slice(0, RELEASES).map((release) => element("span", { class: "wp-release" }, release));
    return [element("p", { class: "wp-entry__more" }, named, named && chosen.length ? " · " : "",
      ...(chosen.length ? [`${texts().fixedIn ?? ""} `, element("span", { class: "wp-releases" }, ...chosen, ...(releases.length > RELEASES ? ["…"] : []))] : []))];
  }

  /** Records near an identifier that nobody has. @param {Found} found */
  #nearest({ unknown }) {
    if (!unknown?.nearest.length) return [];
    return [element("section", { class: "wp-group", "aria-labelledby": "wp-nearest" },
      element("h2", { id: "wp-nearest" }, texts().nearest ?? ""),
      element("ul", { class: "wp-entries" }, ...unknown.nearest.map((result) => this.#entry(result, kindOf(result)))))];
  }
}

/** @param {Result} result */
function titleLink(result) {
  const language = languageOf(result);
  return element("a", { href: result.href, ...language, ...(language.lang ? { hreflang: language.lang } : {}) }, result.title);
}

/** @param {Result} result */
function summary(result) {
  return result.excerpt ? [element("p", { class: "wp-entry__summary", ...languageOf(result) }, ...excerptOf(result.excerpt))] : [];
}

/**
 * Asks the search engine that the page names; undefined where it names none. @param {HTMLElement} holder
 * @returns {Ask | undefined}
 */
function engineOf({ dataset: { endpoint, fields } }) {
  if (!endpoint) return undefined;
  const asker = import("./opensearch.js").then((module) => module.asker(endpoint, fields.split(" ")));
  return async (...question) => (await asker)(...question);
}
