import { tick } from "./case-checklist.js";
import { caseOf, valuesIn } from "./case-file.js";
import { handedOver } from "./case-handover.js";
import { affecting, answersTo, catalogued, coverageOf } from "./case-known.js";
import { showOffer } from "./case-offer.js";
import { caseText } from "./case-output.js";
import { Priority } from "./case-priority.js";
import { replaceSecrets, showSecrets } from "./case-secrets.js";
import { forget, kept, keep } from "./case-store.js";
import { download } from "./csv.js";
import { element } from "./dom.js";
import { say } from "./texts.js";

const PAUSE = 300; // ms without a key before something is looked up or kept
const LOOKED_UP = { product: ["product", "platform", "release"], problem: ["title"] }; // fields of a step that lead to what is known
const PATIENCE = 4000; // ms that going on waits for what is known

/**
 * The preparation of a case: one step at a time, answers offered on the way, nothing sent.
 * @param {HTMLElement} root
 */
export function enhanceCase(root) {
  new Preparation(root).start();
}

class Preparation {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.form = root.querySelector("form");
    this.place = new URL(root.dataset.portal || ".", location.href).pathname;
    this.priority = new Priority(root, () => {
      tick(this.form);
      keep(this.place, this.#values());
    });
    this.steps = [...root.querySelectorAll("[data-wp-step]")].map((step) => step.dataset.wpStep);
    this.timers = new Map();
    this.turn = { known: 0, answers: 0, covered: 0 };
    this.unseen = new Set(); // steps with something typed for which nothing has been looked up yet
    this.plan = ""; // of the unit's contract, once that is known
    this.policy = JSON.parse(root.querySelector("[data-wp-deadlines]")?.textContent || "null");
    this.facts = JSON.parse(root.querySelector("[data-wp-facts]")?.textContent || "null");
  }

  start() {
    const { form, root } = this;
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#next(); });
    form.addEventListener("input", (event) => this.#typed(event.target));
    root.addEventListener("click", (event) => this.#clicked(event));
    this.#find("[data-wp-file]").addEventListener("change", (event) => this.#load(event.target));
    addEventListener("hashchange", () => this.#show(this.#asked(), true));
    this.#fill({ ...kept(this.place), ...this.#values() }); // what was typed before this script had arrived counts
    const given = new URLSearchParams(location.search); // from a page that leads here
    const handed = handedOver();
    for (const name of ["product", "platform", "release", "serial", "title", "description", "data"]) {
      const value = handed[name] || given.get(name);
      if (value && form.elements[name]) form.elements[name].value = String(value).slice(0, 20_000);
    }
    this.#afresh();
    if (handed.priority) this.priority.suggest(Number(handed.priority));
    this.#show(this.#asked(), false);
  }

  #find(selector) { return this.root.querySelector(selector); }

  /** @returns {number} the step that the address names */
  #asked() { return Math.max(0, this.steps.indexOf(location.hash.slice(1))); }

  #current() { return this.steps.indexOf(this.#find("[data-wp-step][data-wp-current]").dataset.wpStep); }

  #go(step) {
    const wanted = Math.min(Math.max(step, 0), this.steps.length - 1);
    if (wanted === this.#current()) return;
    history.pushState(null, "", `#${this.steps[wanted]}`);
    this.#show(wanted, true);
  }

  /** Goes on, but first to what is known of words just typed, and from the fields with such words (Enter) too. */
  async #next() {
    const step = this.#current();
    const name = this.steps[step];
    if (this.unseen.has(name) || LOOKED_UP[name]?.includes(document.activeElement?.name)) {
      clearTimeout(this.timers.get(name === "product" ? "known" : "answers")); // it would look again, and the first be void
      const looked = name === "product" ? this.#known() : this.#answers();
      const heading = await Promise.race([looked, new Promise((done) => { setTimeout(done, PATIENCE); })]);
      this.unseen.delete(name);
      if (this.#current() !== step) return;
      if (heading) { heading.focus(); return; }
    }
    this.#go(step + 1);
  }

  #show(step, focus) {
    for (const part of this.root.querySelectorAll("[data-wp-step]")) part.toggleAttribute("data-wp-current", part.dataset.wpStep === this.steps[step]);
    for (const button of this.root.querySelectorAll("[data-wp-go]")) {
      if (button.dataset.wpGo === this.steps[step]) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
    this.#find("[data-wp-back]").disabled = step === 0;
    this.#find("[data-wp-next]").hidden = step === this.steps.length - 1;
    if (this.steps[step] === "priority") this.priority.ask();
    if (this.steps[step] === "send") showOffer(this.root, this.case(), this.priority.level, this.policy, this.plan);
    if (focus) this.#find(`[data-wp-step="${this.steps[step]}"] h2`).focus();
  }

  // -- what is typed ------------------------------------------------------------------------------

  #typed(field) {
    if (!field.name) return;
    const later = (name, work) => {
      clearTimeout(this.timers.get(name));
      this.timers.set(name, setTimeout(work, PAUSE));
    };
    later("keep", () => keep(this.place, this.#values()));
    if (field.name === "product") this.#offerNames();
    for (const [step, names] of Object.entries(LOOKED_UP)) if (names.includes(field.name)) this.unseen.add(step);
    if (LOOKED_UP.product.includes(field.name)) later("known", () => this.#known());
    if (field.name === "product" || field.name === "title") later("answers", () => this.#answers());
    if (["description", "data"].includes(field.name)) later("secrets", () => showSecrets(this.form));
    if (["serial", "contract"].includes(field.name)) later("covered", () => this.#covered());
    if (field.name === "level") this.priority.choose(field, "");
    if (field.name !== "item") tick(this.form);
  }

  /** @returns {Record<string, string | string[]>} what stands in the form */
  #values() {
    const found = {};
    for (const [name, value] of new FormData(this.form)) {
      if (name === "item") (found.item ??= []).push(value);
      else if (value) found[name] = value;
    }
    if (this.priority.reason) found.reason = this.priority.reason;
    return found;
  }

  /** @param {Record<string, string | string[]>} values */
  #fill(values) {
    this.form.reset();
    this.priority.reason = typeof values.reason === "string" ? values.reason : "";
    for (const [name, value] of Object.entries(values)) {
      const field = this.form.elements.namedItem(name);
      if (name === "item") for (const box of this.form.querySelectorAll("[name=item]")) box.checked = Array.isArray(value) && value.includes(box.value);
      else if (field && typeof value === "string") field.value = value;
    }
  }

  /** Brings everything that depends on the fields into line with them. */
  #afresh() {
    this.#offerNames();
    this.#known();
    this.#answers();
    showSecrets(this.form);
    this.#covered();
    this.priority.afresh();
    tick(this.form);
  }

  #product() { return this.form.elements.product.selectedOptions[0]; }

  async #offerNames() {
    const chosen = this.#product();
    const options = (items) => items.map((value) => element("option", { value }));
    this.#find("#wp-case-platforms").replaceChildren(...options(JSON.parse(chosen.dataset.platforms ?? "[]").map(([, name]) => name)));
    for (const block of this.root.querySelectorAll("[data-product]")) block.hidden = Boolean(block.dataset.product) && block.dataset.product !== chosen.value;
    const releases = this.#find("#wp-case-releases");
    releases.replaceChildren();
    if (!chosen.value) return;
    const product = await catalogued(chosen.value).catch(() => undefined); // the form works without
    if (product && this.#product().value === product.id) releases.replaceChildren(...options([...product.releases].reverse().map(({ id }) => id)));
  }

  // -- what is known already ----------------------------------------------------------------------

  /** Shows what affects the release. @returns {Promise<HTMLElement | null>} the heading above it, where there is something */
  async #known() {
    const turn = ++this.turn.known;
    const { release, platform } = this.form.elements;
    const hint = this.#find("[data-wp-release]");
    const shown = this.#find("[data-wp-known]");
    hint.textContent = "";
    shown.hidden = true;
    const { value: id, textContent: product } = this.#product();
    const written = release.value.trim();
    const found = id && written ? await affecting(id, written, platform.value.trim()).catch(() => null) : null;
    if (turn !== this.turn.known) return null;
    this.unseen.delete("product");
    if (!found) return null;
    if (!found.known) {
      hint.textContent = say(found.guess ? "noSuchRelease" : "noSuchReleasePlain", { release: written, product, guess: found.guess });
      return null;
    }
    const address = new URL(this.root.dataset.reports, location.href);
    address.search = found.filters.toString();
    shown.hidden = false;
    shown.querySelector("[data-wp-count]").textContent = say(found.total ? "affected" : "unaffected", { count: found.total });
    shown.querySelector("ul").replaceChildren(...found.items);
    const link = shown.querySelector("[data-wp-all]");
    [link.href, link.parentElement.hidden] = [address.href, !found.total];
    return found.total ? shown.querySelector("h3") : null;
  }

  /** Shows what the search finds for the title. @returns {Promise<HTMLElement | null>} the heading above it, where there is something */
  async #answers() {
    const turn = ++this.turn.answers;
    const section = this.#find("[data-wp-answers]");
    const query = this.form.elements.title.value.trim();
    const items = query.length < 4 ? [] : await answersTo(query, this.#product().value).catch(() => null);
    if (turn !== this.turn.answers) return null;
    this.unseen.delete("problem");
    if (!items) return null;
    section.hidden = !items.length;
    section.querySelector("[data-wp-count]").textContent = say("answers", { count: items.length });
    section.querySelector("ul").replaceChildren(...items);
    return items.length ? section.querySelector("h3") : null;
  }

  /** Shows what the serial number is entitled to. */
  async #covered() {
    const turn = ++this.turn.covered;
    const holder = this.#find("[data-wp-coverage]");
    this.plan = "";
    holder?.replaceChildren();
    const values = Object.fromEntries((this.facts?.fields ?? []).map((name) => [name, this.form.elements[name].value.trim()]));
    if (!this.facts || !Object.values(values).every((value) => value.length > 3)) return;
    const found = await coverageOf(this.facts, values).catch(() => null);
    if (turn !== this.turn.covered || !found) return;
    this.plan = found.plan;
    holder.replaceChildren(found.card);
  }

  /** @returns {import("./case-output.js").Case} */
  case() { return caseOf(this.root, this.#values(), this.priority.level); }

  // -- buttons ------------------------------------------------------------------------------------

  async #clicked({ target }) {
    const button = target.closest?.("button");
    if (!button) return;
    const { wpGo, wpAnswer } = button.dataset;
    const has = (/** @type {string} */ name) => button.hasAttribute(`data-wp-${name}`);
    if (wpGo) this.#go(this.steps.indexOf(wpGo));
    else if (wpAnswer) this.priority.answered(wpAnswer);
    else if (has("back")) this.#go(this.#current() - 1);
    else if (has("redact")) {
      replaceSecrets(this.form);
      keep(this.place, this.#values());
    } else if (has("solved")) this.#wipe("solvedSaid");
    else if (has("wipe")) this.#wipe("wiped");
    else if (has("load")) this.#find("[data-wp-file]").click();
    else if (has("print")) print();
    else if (has("save")) download("case.json", `${JSON.stringify(this.case(), null, 1)}\n`, "application/json");
    else if (has("copy-text")) {
      await navigator.clipboard?.writeText(caseText(this.case(), say)).catch(() => {});
      this.#tell("copied");
    }
  }

  #tell(name) { this.#find("[data-wp-kept]").textContent = say(name); }

  #wipe(told) {
    for (const timer of this.timers.values()) clearTimeout(timer);
    forget(this.place);
    this.#fill({});
    if (location.search) history.replaceState(null, "", location.pathname + location.hash);
    this.#afresh();
    this.#go(0);
    this.#tell(told);
  }

  /** Reads a file of a prepared case. @param {HTMLInputElement} input */
  async #load(input) {
    const [file] = input.files;
    input.value = "";
    const values = await valuesIn(file);
    if (!values) { this.#tell("notLoaded"); return; }
    this.#fill(values);
    keep(this.place, this.#values());
    this.#afresh();
    this.#tell("loaded");
  }
}
