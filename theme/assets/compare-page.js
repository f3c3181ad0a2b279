import { element } from "./dom.js";
import { forgetIndex, isLarge, prIndex } from "./pr-open.js";
import { nameOf } from "./pr-panel.js";
import { nearest } from "./pr-query.js";
import { entry, label, saveCsv } from "./pr-shown.js";
import { say, sayMany, texts } from "./texts.js";

const FIRST = 10; // records of a list shown at first
const FEW = 4; // the same with a large index, where each costs a block of cards
const MORE = 50; // records that one more press shows
const SLOW = 200; // ms after which a comparison says that it is running
const NAMES = ["product", "platform", "from", "to"];

/**
 * The comparison of two releases. What is compared stands in the address.
 * @param {HTMLFormElement} form
 */
export function enhanceComparison(form) {
  new Comparison(form).start();
}

class Comparison {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.root = form.closest("[data-wp-compare]");
    this.region = this.root.querySelector("[data-wp-results]");
    this.status = this.region.querySelector("[data-wp-status]");
    this.said = this.region.querySelector("[data-wp-said]");
    this.listing = this.root.querySelector("[data-wp-listing]");
    this.columns = this.region.querySelector(".wp-compare__columns");
    this.turn = 0;
    this.lists = {}; // ordinals by name of list, as they are shown
  }

  start() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", (event) => this.#changed(event.target.name));
    this.form.querySelector("[data-wp-swap]").addEventListener("click", () => {
      const { from, to } = this.form.elements;
      [from.value, to.value] = [to.value, from.value];
      this.#changed("");
    });
    this.root.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[data-wp-instead]");
      if (!link) return;
      event.preventDefault();
      history.pushState(null, "", link.href);
      this.#read();
    });
    for (const name of ["fixed", "introduced", "remaining"]) {
      this.#list(name).querySelector("[data-wp-csv]").addEventListener("click", (event) => this.#save(name, event.target));
    }
    addEventListener("popstate", () => this.#read());
    const given = new URLSearchParams(location.search);
    this.#showColumns(given.has("from") && given.has("to"), false);
    this.#read();
  }

  /** Shows the comparison, or in its stead the pages of releases. @param {boolean} compared @param {boolean} ready */
  #showColumns(compared, ready = compared) {
    this.columns.hidden = !ready;
    this.listing.hidden = compared;
  }

  /** @param {string} name */
  #list(name) {
    return this.columns.querySelector(`[data-wp-list=${name}]`);
  }

  /** Does work that takes a while, and says so; of several only the latest counts. @param {(current: () => boolean) => Promise<void>} work */
  async #busy(work) {
    const turn = ++this.turn;
    const current = () => turn === this.turn;
    this.region.setAttribute("aria-busy", "true");
    this.said.textContent = "";
    const slow = setTimeout(() => {
      if (!current()) return;
      this.status.textContent = texts().searching ?? "";
      this.columns.classList.add("wp-stale");
    }, SLOW);
    try {
      await work(current);
    } catch (error) {
      if (current()) this.#fail(error);
    }
    clearTimeout(slow);
    if (!current()) return;
    this.columns.classList.remove("wp-stale");
    this.region.setAttribute("aria-busy", "false");
  }

  /** Shows what the address asks for. */
  #read() {
    return this.#busy(async (current) => {
      const options = await (await prIndex()).options();
      if (!current()) return;
      this.products = options.products.filter((product) => product.releases.length);
      const given = Object.fromEntries(NAMES.map((name) => [name, (new URLSearchParams(location.search).get(name) ?? "").trim()]));
      const product = given.product ? named(this.products, given.product) : this.products[0];
      this.#fill(product ?? this.products[0]);
      if (!product) {
        this.#refuse(say("unknownProduct", { product: given.product }), "product",
          nearest(given.product, this.products.flatMap((one) => [one.id, one.name])));
        return;
      }
      const names = product.releases.map((one) => one.id);
      const same = (/** @type {string} */ text) => names.find((name) => name.toLowerCase() === text.toLowerCase()) ?? "";
      const { elements } = this.form;
      elements.from.value = same(given.from);
      const target = elements.product.selectedOptions[0].dataset.target;
      elements.to.value = given.to ? same(given.to) : target === elements.from.value ? "" : target;
      for (const name of ["from", "to"]) {
        if (!given[name] || elements[name].value) continue;
        elements[name].value = "";
        this.#refuse(say("unknownRelease", { product: nameOf(product), release: given[name] }), name, nearest(given[name], names));
        return;
      }
      const platform = given.platform ? named(product.platforms, given.platform) : undefined;
      if (given.platform && !platform) {
        this.#refuse(say("unknownPlatform", { product: nameOf(product), platform: given.platform }), "platform",
          nearest(given.platform, product.platforms.flatMap((one) => [one.id, one.name])));
        return;
      }
      elements.platform.value = platform?.id ?? "";
      await this.#compare(current);
    });
  }

  /** Offers the releases and platforms of a product. */
  #fill(product) {
    const { elements } = this.form;
    elements.product.value = product.id;
    if (this.filled === product.id) return;
    this.filled = product.id;
    const first = (/** @type {string} */ words) => element("option", { value: "" }, words);
    elements.platform.replaceChildren(first(texts().everyPlatform ?? ""), ...product.platforms.map((one) => element("option", { value: one.id }, nameOf(one))));
    const trains = new Map();
    for (const release of [...product.releases].reverse()) {
      if (!trains.has(release.train)) trains.set(release.train, []);
      trains.get(release.train).push(release.id);
    }
    for (const name of ["from", "to"]) {
      elements[name].replaceChildren(first(texts().choose ?? ""), ...[...trains].map(([train, releases]) =>
        element("optgroup", { label: train }, ...releases.map((release) => element("option", { value: release }, release)))));
    }
  }

  /** The reader has chosen something else. @param {string} changed name of the field */
  #changed(changed) {
    if (!this.products) return;
    const { elements } = this.form;
    if (changed === "product") {
      this.#fill(this.products.find((product) => product.id === elements.product.value));
      elements.to.value = elements.product.selectedOptions[0].dataset.target;
    }
    const said = new URLSearchParams();
    for (const name of NAMES) if (elements[name].value) said.set(name, elements[name].value);
    const address = `${location.pathname}?${said}`;
    if (address !== location.pathname + location.search) history.pushState(null, "", address);
    this.#busy((current) => this.#compare(current));
  }

  /** @param {() => boolean} current */
  async #compare(current) {
    const [product, platform, from, to] = NAMES.map((name) => this.form.elements[name].value);
    if (!from || !to || from === to) {
      this.#showColumns(false);
      this.status.textContent = (from && to ? texts().same : texts().pick) ?? "";
      return;
    }
    const index = await prIndex();
    const [found, ...orders] = await Promise.all([index.compare(product, from, to, platform), ...[from, to].map((release) =>
      index.search("", [{ name: "product", values: [product] }, { name: "affects", values: [release] }], { sort: "severity" }))]);
    const rank = new Map(orders.flatMap((order) => [...order.ordinals].map((ordinal, place) => [ordinal, place])));
    const shown = {};
    for (const name of ["fixed", "introduced", "remaining"]) {
      const ordinals = [...found[name]].sort((a, b) => (rank.get(a) ?? 1e9) - (rank.get(b) ?? 1e9));
      const severities = new Map(await index.counts(ordinals, "severity"));
      shown[name] = { ordinals, severities, cards: await index.cards(ordinals.slice(0, isLarge(index) ? FEW : FIRST)) };
    }
    if (!current()) return;
    this.status.textContent = this.#sentence(from, to, shown);
    for (const [name, list] of Object.entries(shown)) this.#paint(name, list, { product, platform, from, to });
    this.#showColumns(true);
  }

  #sentence(from, to, { fixed, introduced, remaining }) {
    const critical = (list) => (list.severities.get("critical") ? `, ${say("critical", { count: list.severities.get("critical") })}` : "");
    const order = this.products.find((product) => product.id === this.form.elements.product.value).releases.map((release) => release.id);
    const direction = order.indexOf(from) < order.indexOf(to) ? texts().upgrade : texts().downgrade;
    return `${sayMany("going", fixed.ordinals.length, { from, to })}${critical(fixed)}; ${say("brings", { count: introduced.ordinals.length })}${
      critical(introduced)}; ${say("leaves", { count: remaining.ordinals.length })}. ${direction}`;
  }

  #paint(name, { ordinals, severities, cards }, { product, platform, from, to }) {
    const list = this.#list(name);
    this.lists[name] = ordinals;
    list.querySelector(".wp-count").textContent = ordinals.length.toLocaleString(document.documentElement.lang);
    list.querySelector(".wp-tally").replaceChildren(...["critical", "high", "medium", "low", "none", "unrated"].filter((value) => severities.has(value))
      .map((value) => element("span", { class: `wp-chip wp-chip--severity wp-chip--${value}` }, `${label("severity", value)}: ${severities.get(value)}`)));
    list.querySelector("[data-wp-csv]").disabled = !ordinals.length;
    const query = { fixed: `affects:${from} -affects:${to}`, introduced: `affects:${to} -affects:${from}`, remaining: `affects:${from} affects:${to}` }[name];
    const asked = new URLSearchParams({ q: query, kind: "all", product, ...(platform ? { platform } : {}) });
    list.querySelector("[data-wp-open]").href = `${this.root.dataset.reports}?${asked}`;
    list.querySelector(".wp-entries").replaceChildren();
    this.#append(name, cards);
  }

  /** Adds records to a list, and a button where there are more. @param {string} name @param {any[]} cards */
  #append(name, cards) {
    const list = this.#list(name);
    const entries = list.querySelector(".wp-entries");
    const added = cards.map((card) => entry(card, { heading: "h3", short: true, kind: card.kind !== "report" }));
    entries.append(...added);
    list.querySelector(".wp-more")?.remove();
    const rest = this.lists[name].length - entries.children.length;
    if (!rest) return added[0];
    const button = element("button", { type: "button", class: "wp-button" }, say("more", { count: Math.min(MORE, rest) }));
    button.addEventListener("click", () => this.#busy(async (current) => {
      const start = entries.children.length;
      const next = await (await prIndex()).cards(this.lists[name].slice(start, start + MORE));
      if (current()) this.#append(name, next)?.querySelector("a").focus({ preventScroll: true });
    }));
    list.append(element("p", { class: "wp-more" }, button));
    return added[0];
  }

  /** @param {string} name @param {HTMLButtonElement} button */
  async #save(name, button) {
    const { from, to, product } = this.form.elements;
    const ordinals = this.lists[name];
    button.disabled = true;
    try {
      const index = await prIndex();
      const names = (/** @type {string} */ id) => nameOf(this.products.find((one) => one.id === id) ?? { name: id });
      const saved = await saveCsv(`${product.value}-${from.value}-${to.value}-${name}.csv`, ordinals, (chosen) => index.cards(chosen), names);
      this.said.textContent = saved < ordinals.length ? say("cut", { count: saved, total: ordinals.length }) : "";
    } catch {
      this.said.textContent = texts().failed ?? "";
    }
    button.disabled = false;
  }

  /** Says that a value of the address is not known, and what may be meant. @param {string} words @param {string} name @param {string} guess */
  #refuse(words, name, guess) {
    this.#showColumns(false);
    const address = new URL(location.href);
    address.searchParams.set(name, guess);
    this.status.replaceChildren(words);
    if (guess) {
      const [before, after] = (texts().didYouMean ?? "{guess}").split("{guess}");
      this.status.append(" ", before, element("a", { href: address.href, "data-wp-instead": "" }, guess), after);
    }
  }

  /** @param {any} error */
  #fail(error) {
    this.#showColumns(false);
    forgetIndex();
    this.status.textContent = error?.reason ? say("wrong", { name: error.name, value: error.value }) : texts().failed ?? "";
    if (error?.reason) return;
    const button = element("button", { type: "button", class: "wp-button" }, texts().retry ?? "");
    button.addEventListener("click", () => this.#read());
    this.status.append(" ", button);
  }
}

/** What is named by an id, a name or an alias in any case. @param {any[]} items @param {string} text */
function named(items, text) {
  const wanted = text.toLowerCase();
  return items.find((item) => [item.id, item.name, ...(item.aliases ?? []), ...Object.values(item.names ?? {})].some((name) => name.toLowerCase() === wanted));
}
