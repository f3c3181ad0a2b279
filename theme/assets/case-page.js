import { needOf, showNeeds, tick } from "./case-checklist.js";
import { handedOver } from "./case-handover.js";
import { affecting, answersTo, catalogued, coverageOf } from "./case-known.js";
import { caseText } from "./case-output.js";
import { marked, replaceSecrets, showSecrets } from "./case-secrets.js";
import { forget, kept, keep } from "./case-store.js";
import { contactsFor, dueText, waysOf } from "./case-ways.js";
import { download } from "./csv.js";
import { element } from "./dom.js";
import { secretsIn } from "./redact.js";
import { say } from "./texts.js";

/** @typedef {import("./case-output.js").Case} Case */

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
    this.levels = [...this.form.querySelectorAll("[name=level]")];
    this.steps = [...root.querySelectorAll("[data-wp-step]")].map((step) => step.dataset.wpStep);
    this.asked = []; // answers to the questions for a priority
    this.reason = "";
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
    if (handed.priority) this.#suggest(Number(handed.priority));
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
    if (this.steps[step] === "priority") this.#ask();
    if (this.steps[step] === "send") this.#offer();
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
    if (field.name === "level") this.#chose(field, "");
    if (field.name !== "item") tick(this.form);
  }

  /** @returns {Record<string, string | string[]>} what stands in the form */
  #values() {
    const found = {};
    for (const [name, value] of new FormData(this.form)) {
      if (name === "item") (found.item ??= []).push(value);
      else if (value) found[name] = value;
    }
    if (this.reason) found.reason = this.reason;
    return found;
  }

  /** @param {Record<string, string | string[]>} values */
  #fill(values) {
    this.form.reset();
    this.reason = typeof values.reason === "string" ? values.reason : "";
    for (const [name, value] of Object.entries(values)) {
      const field = this.form.elements.namedItem(name);
      if (name === "item") for (const box of this.form.querySelectorAll("[name=item]")) box.checked = Array.isArray(value) && value.includes(box.value);
      else if (field && typeof value === "string") field.value = value;
    }
  }

  /** Brings everything that depends on the fields into line with them. */
  #afresh() {
    this.asked = [];
    this.#offerNames();
    this.#known();
    this.#answers();
    showSecrets(this.form);
    this.#covered();
    const level = this.#level();
    this.#find("[data-wp-verdict]").textContent = level ? this.#verdict(level) : "";
    showNeeds(this.form, this.#level()?.value);
    tick(this.form);
    this.#ask();
  }

  #level() { return this.levels.find((level) => level.checked); }

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

  // -- how urgent it is ---------------------------------------------------------------------------

  /** Asks the next question; the first yes gives the priority. */
  #ask() {
    const box = this.#find("[data-wp-question]");
    const open = this.levels.slice(0, -1);
    const decided = this.asked.indexOf("yes");
    const level = decided < 0 ? undefined : open[decided];
    const workaround = level?.dataset.workaround && this.asked.length === decided + 1;
    const question = level ? undefined : open[this.asked.length];
    box.hidden = this.levels.length < 2 || !(question || workaround);
    if (box.hidden) return;
    box.querySelector("[data-wp-asked]").textContent = workaround ? say("askWorkaround") : question.dataset.question || say("ask", { definition: question.dataset.definition });
    box.querySelector("[data-wp-examples]").replaceChildren(...(workaround ? [] : JSON.parse(question.dataset.examples).map((example) => element("li", {}, example))));
    box.querySelector("[data-wp-answer=back]").hidden = !this.asked.length;
  }

  #answered(answer) {
    if (answer === "back") this.asked.pop();
    else this.asked.push(answer);
    const open = this.levels.slice(0, -1);
    const decided = this.asked.indexOf("yes");
    const level = decided < 0 ? undefined : open[decided];
    const lowered = level?.dataset.workaround && this.asked[decided + 1] === "yes";
    if (level && (this.asked.length > decided + 1 || !level.dataset.workaround)) {
      const target = lowered ? this.levels.find((one) => one.value === level.dataset.workaround) : level;
      this.#chose(target, lowered ? say("lowered", { reason: level.dataset.definition }) : level.dataset.definition);
    } else if (!level && this.asked.length >= open.length) {
      this.#chose(this.levels.at(-1), say("otherwise"));
    } else this.#unchoose();
    this.#ask();
    const next = this.#find("[data-wp-question]");
    (next.hidden ? this.#find("[data-wp-next]") : next.querySelector("button")).focus();
  }

  #chose(level, reason) {
    level.checked = true;
    this.reason = reason;
    this.#find("[data-wp-verdict]").textContent = this.#verdict(level);
    showNeeds(this.form, this.#level()?.value);
    tick(this.form);
    keep(this.place, this.#values());
  }

  /** Takes a priority that a page suggests, where none has been chosen. @param {number} place from 1 */
  #suggest(place) {
    const level = this.levels[Math.min(place, this.levels.length) - 1];
    if (!level || this.#level()) return;
    this.#chose(level, "");
    this.#find("[data-wp-verdict]").textContent = say("suggested", { number: level.dataset.number, name: level.dataset.name });
  }

  #unchoose() {
    for (const level of this.levels) level.checked = false;
    this.reason = "";
    this.#find("[data-wp-verdict]").textContent = "";
    showNeeds(this.form, this.#level()?.value);
  }

  #verdict({ dataset: { number, name } }) { return say(this.reason ? "because" : "chosen", { number, name, reason: this.reason }); }

  // -- what comes of it ---------------------------------------------------------------------------

  /** @returns {Case} */
  case() {
    const values = this.#values();
    const option = (name) => {
      const chosen = this.form.elements.namedItem(name)?.selectedOptions?.[0];
      return chosen?.value ? { id: chosen.value, name: chosen.textContent.trim() } : undefined;
    };
    const level = this.#level();
    const checklist = [...this.root.querySelectorAll("[data-needs]")].map((item) => {
      const box = item.querySelector("input");
      return { id: box.value, name: box.dataset.name, need: needOf(item, level?.value), done: box.checked };
    });
    const contact = { name: values.name, email: values.email, phone: values.phone, region: option("region") };
    const made = {
      format: 1, portal: this.root.dataset.portal, language: document.documentElement.lang, prepared: new Date().toISOString(),
      product: option("product"), platform: values.platform, release: values.release, kind: option("kind"), title: values.title,
      description: values.description, data: values.data,
      level: level && { id: level.value, number: Number(level.dataset.number), name: level.dataset.name }, reason: level && values.reason,
      serial: values.serial, contract: values.contract, checklist,
      attachments: values.attachments?.split("\n").map((line) => line.trim()).filter(Boolean),
      contact: Object.values(contact).some(Boolean) ? contact : undefined, reference: values.reference,
    };
    return JSON.parse(JSON.stringify(made)); // without what is undefined
  }

  /** Shows the text, what is missing and the ways that the priority allows. */
  #offer() {
    const prepared = this.case();
    const text = caseText(prepared, say);
    const shown = this.#find("[data-wp-text]");
    shown.replaceChildren(...marked(text));
    const contactless = secretsIn([prepared.description, prepared.data].join("\n")).some(({ kind }) => kind === "password" || kind === "key");
    const missing = [...(prepared.level ? [] : [[say("missingLevel"), "priority"]]), ...(prepared.title ? [] : [[say("fieldTitle"), "problem"]]),
      ...prepared.checklist.filter(({ need, done: ticked }) => need === "required" && !ticked).map(({ name }) => [name, "checklist"])];
    const holder = this.#find("[data-wp-missing]");
    holder.replaceChildren();
    if (contactless) holder.append(element("p", { class: "wp-note" }, say("secretsLeft")));
    if (missing.length) {
      holder.append(element("p", {}, say("missing")), element("ul", {}, ...missing.map(([name, step]) => element("li", {}, element("a", { href: `#${step}` }, name)))));
    }
    this.#find("[data-wp-ways]").replaceChildren(...(this.#level() ? waysOf(this.root, this.#level(), prepared, text) : []));
    dueText(this.policy, this.#level(), this.plan, prepared).then((words) => { this.#find("[data-wp-due]").textContent = words; });
    const level = this.#level();
    const allowed = level ? level.dataset.channels.split(" ") : [];
    for (const item of this.root.querySelectorAll(".wp-case__channels li")) item.hidden = allowed.length > 0 && !allowed.includes(item.dataset.kind);
    const contacts = new Set(contactsFor(this.root, prepared));
    for (const item of this.root.querySelectorAll(".wp-case__contacts li")) item.hidden = !contacts.has(item);
    for (const part of this.root.querySelectorAll("[data-wp-mail]")) part.hidden = allowed.length > 0 && !allowed.includes("email");
  }

  // -- buttons ------------------------------------------------------------------------------------

  async #clicked({ target }) {
    const button = target.closest?.("button");
    if (!button) return;
    const { wpGo, wpAnswer } = button.dataset;
    const has = (/** @type {string} */ name) => button.hasAttribute(`data-wp-${name}`);
    if (wpGo) this.#go(this.steps.indexOf(wpGo));
    else if (wpAnswer) this.#answered(wpAnswer);
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
    const read = file && file.size < 2_000_000 ? await file.text().then(JSON.parse).catch(() => null) : null;
    if (!read || typeof read !== "object" || read.format !== 1) { this.#tell("notLoaded"); return; }
    const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
    this.#fill({
      ...Object.fromEntries(["platform", "release", "title", "description", "data", "serial", "contract", "reference", "reason"].map((name) => [name, text(read[name])])),
      ...Object.fromEntries(["product", "kind", "level"].map((name) => [name, text(read[name]?.id)])),
      ...Object.fromEntries(["name", "email", "phone"].map((name) => [name, text(read.contact?.[name])])), region: text(read.contact?.region?.id),
      attachments: Array.isArray(read.attachments) ? read.attachments.map(text).join("\n") : "",
      item: Array.isArray(read.checklist) ? read.checklist.filter((item) => item?.done === true).map((item) => text(item.id)) : [],
    });
    keep(this.place, this.#values());
    this.#afresh();
    this.#tell("loaded");
  }
}
