import { element } from "./dom.js";
import { prIndex } from "./pr-open.js";
import { label } from "./pr-shown.js";
import { FIELDS, filtersOf, GROUPS, readState } from "./pr-state.js";

/** @typedef {import("./pr-state.js").State} State */

/** The panel of filters: what is chosen, how many records each choice would leave. */
export class Panel {
  /** @param {HTMLElement} panel @param {HTMLFormElement} form */
  constructor(panel, form) {
    this.panel = panel;
    this.form = form;
    this.groups = new Map([...panel.querySelectorAll("[data-wp-filter]")].map((group) => [group.dataset.wpFilter, group]));
    this.first = new Map([...this.groups].map(([name, group]) => [name, numbers(group)]));
    this.names = new Map(); // product/platform/component -> names by id
    this.onOpen = () => {};
    this.used = false; // whether the reader has turned to the panel
    for (const name of ["pointerenter", "pointerdown", "focusin"]) {
      panel.addEventListener(name, () => {
        if (this.used) return;
        this.used = true;
        this.onOpen();
      });
    }
    this.productName = (/** @type {string} */ id) => this.valueName("product", id);
    for (const group of this.groups.values()) group.addEventListener("toggle", () => { if (group.open) this.onOpen(); });
    const button = panel.querySelector("button");
    button.addEventListener("click", () => {
      const open = panel.classList.toggle("wp-filters--open");
      button.setAttribute("aria-expanded", String(open));
    });
    for (const name of ["affects", "fixed"]) form.elements[name].addEventListener("focus", () => this.suggest().catch(() => {}));
  }

  /** What the form says. @returns {State} */
  read() {
    const state = readState("");
    for (const name of GROUPS) state[name] = this.#boxes(name).filter((box) => box.checked).map((box) => box.value);
    for (const name of FIELDS) state[name] = this.form.elements[name].value.trim();
    state.sort = this.form.elements.sort.value;
    return state;
  }

  /** Makes the form say what is asked. @param {State} state */
  write(state) {
    for (const name of GROUPS) {
      for (const value of state[name]) if (!this.#boxes(name).some((box) => box.value === value)) this.#add(name, value, label(name, value));
      for (const box of this.#boxes(name)) box.checked = state[name].includes(box.value);
      if (state[name].length && name !== "kind") this.groups.get(name).open = true;
      this.#show(name);
    }
    for (const name of FIELDS) this.form.elements[name].value = state[name];
    this.form.elements.sort.value = state.sort;
  }

  /** Names of groups whose numbers are to be seen. */
  shown() {
    return [...this.groups].filter(([, group]) => group.open).map(([name]) => name);
  }

  /**
   * Numbers of one group.
   * @param {string} name
   * @param {[string, number][]} counts
   */
  count(name, counts) {
    const found = new Map(counts.filter(([id]) => id));
    for (const id of found.keys()) {
      if (!this.#boxes(name).some((box) => box.value === id)) this.#add(name, id, this.valueName(name, id));
    }
    for (const item of this.#items(name)) {
      const count = found.get(value(item)) ?? 0;
      item.querySelector(".wp-count").textContent = count.toLocaleString(document.documentElement.lang);
      item.classList.toggle("wp-zero", !count);
    }
    if (["platform", "component"].includes(name) && !this.groups.get(name).dataset.sorted) {
      const list = this.groups.get(name).querySelector("ul");
      list.append(...this.#items(name).sort((a, b) => (found.get(value(b)) ?? 0) - (found.get(value(a)) ?? 0)));
      this.groups.get(name).dataset.sorted = "";
    }
    this.#show(name);
  }

  /**
   * Numbers of the groups that are seen, each without its own choice.
   * @param {any} index
   * @param {State} state
   * @param {import("./pr-index.js").Found | undefined} found by this state, if anything is asked
   * @param {() => boolean} isCurrent whether they are still wanted
   */
  async recount(index, state, found, isCurrent) {
    const every = found ?? await index.search("", filtersOf(state));
    for (const name of this.shown()) {
      if (!isCurrent()) return;
      const own = filtersOf(state).some((filter) => filter.name === name);
      const base = own ? await index.search(state.q, filtersOf(state, name)) : every;
      const counts = await index.counts(base.ordinals, name);
      if (["platform", "component"].includes(name)) this.learn(await index.options(), state);
      if (isCurrent()) this.count(name, counts);
    }
  }

  /** No numbers, where counting waits until they are wanted. */
  blank() {
    for (const count of this.panel.querySelectorAll("[data-wp-filter] li .wp-count")) count.textContent = "";
    for (const item of this.panel.querySelectorAll(".wp-zero")) item.classList.remove("wp-zero");
  }

  /** The numbers that the page came with. */
  reset() {
    for (const [name, kept] of this.first) {
      for (const item of this.#items(name)) {
        const text = kept.get(value(item));
        if (text === undefined) continue;
        item.querySelector(".wp-count").textContent = text;
        item.classList.toggle("wp-zero", text === "0");
      }
      this.#show(name);
    }
    if (this.shown().some((name) => !this.first.get(name).size)) this.onOpen();
  }

  /** How many filters are chosen. @param {number} count */
  active(count) {
    this.panel.querySelector("[data-wp-active]").textContent = count ? `(${count})` : "";
  }

  /** What a filter is called. @param {string} name */
  title(name) {
    const group = this.groups.get(name);
    if (group) return group.querySelector("summary").textContent.trim();
    return this.form.elements[name]?.closest?.("label")?.textContent.trim() ?? name;
  }

  /** What a value of a filter is called. @param {string} name @param {string} id */
  valueName(name, id) {
    const box = this.#boxes(name).find((one) => one.value === id);
    return this.names.get(name)?.get(id) ?? box?.parentElement.textContent.trim() ?? (GROUPS.includes(name) ? label(name, id) : id);
  }

  /** @param {string} name @param {State} state */
  described(name, state) {
    const values = typeof state[name] === "string" ? [state[name]] : state[name];
    return `${this.title(name)}: ${values.map((one) => this.valueName(name, one)).join(", ")}`;
  }

  /** Suggests releases of the chosen products, newest first. */
  async suggest() {
    const { products } = await (await prIndex()).options();
    const chosen = this.read().product;
    const list = document.getElementById("wp-releases");
    list.replaceChildren(...products.filter((product) => !chosen.length || chosen.includes(product.id)).flatMap((product) =>
      [...product.releases].reverse().map((release) => element("option", { value: release.id }, nameOf(product)))));
  }

  /** @param {string} name @returns {HTMLInputElement[]} */
  #boxes(name) {
    return this.#items(name).map((item) => item.querySelector("input"));
  }

  /** @param {string} name @returns {HTMLLIElement[]} */
  #items(name) {
    return [...this.groups.get(name)?.querySelectorAll("li") ?? []];
  }

  /** @param {string} name @param {string} id @param {string} words */
  #add(name, id, words) {
    const box = element("input", { type: "checkbox", form: this.form.id, name, value: id });
    this.groups.get(name).querySelector("ul").append(element("li", {},
      element("label", {}, box, " ", element("span", {}, words)), " ", element("span", { class: "wp-count" })));
  }

  /** Rare values are seen only where there is something to see. @param {string} name */
  #show(name) {
    for (const item of this.#items(name)) {
      if ("wpRare" in item.dataset) item.hidden = item.classList.contains("wp-zero") && !item.querySelector("input").checked;
    }
  }

  /** Names of platforms and components; those of the chosen products can be chosen too. @param {any} options @param {State} state */
  learn({ products }, state) {
    for (const name of ["platform", "component"]) {
      const names = new Map(products.flatMap((product) => product[`${name}s`]).reverse().map((item) => [item.id, nameOf(item)]));
      this.names.set(name, names);
      const known = new Set(this.#boxes(name).map((box) => box.value));
      for (const item of products.filter((product) => !state.product.length || state.product.includes(product.id)).flatMap((product) => product[`${name}s`])) {
        if (!known.has(item.id)) this.#add(name, item.id, nameOf(item));
        known.add(item.id);
      }
      for (const item of this.#items(name)) item.querySelector("label span").textContent = names.get(value(item)) ?? value(item);
    }
  }
}

/** @param {Element} item */
const value = (item) => item.querySelector("input").value;

/** @param {Element} group */
function numbers(group) {
  return new Map([...group.querySelectorAll("li")].map((item) => [value(item), item.querySelector(".wp-count").textContent]));
}

/** A name in the language of the page. @param {{name: string, names?: Record<string, string>}} named */
export function nameOf(named) {
  return named.names?.[document.documentElement.lang] ?? named.name;
}
