// Matches an incident: a log is read by a worker, records that quote its messages are shown, and a case can be prepared from it.
import { handOver } from "./case-handover.js";
import { element } from "./dom.js";
import { ownAnswers } from "./network-answers.js";
import { prIndex } from "./pr-open.js";
import { entry } from "./pr-shown.js";
import { say } from "./texts.js";

/** @typedef {import("./log-match-worker.js").Matched} Matched */
/** @typedef {import("./log-match-worker.js").Incident} Incident */

const LINES = 5; // of the log shown for each record
const MOST_TITLE = 200; // characters
const MOST_LINES = 18_000; // characters of log lines that go into a case
const STANDINGS = { affected: "matchAffected", fixed: "matchFixed", "not listed": "matchNotListed" };
const MEGABYTE = 1e6;

/** @param {HTMLElement} root */
export function enhanceLogMatch(root) {
  new LogMatch(root).start();
}

class LogMatch {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.form = root.querySelector("form");
    this.drop = root.querySelector("[data-wp-drop]");
    this.progress = root.querySelector("[data-wp-progress]");
    /** @type {Blob | null} */
    this.dropped = null;
    /** @type {Worker | null} */
    this.worker = null;
    /** @type {Matched | null} */
    this.matched = null;
  }

  start() {
    const { form, drop } = this;
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#run(); });
    form.addEventListener("focusin", () => this.#offered());
    form.elements.product.addEventListener("change", () => this.#offerReleases());
    form.elements.release.addEventListener("change", () => this.#check());
    form.elements.file.addEventListener("change", () => this.#take(null));
    drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.toggleAttribute("data-wp-over", true); });
    drop.addEventListener("dragleave", () => drop.toggleAttribute("data-wp-over", false));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.toggleAttribute("data-wp-over", false);
      const [file] = event.dataTransfer.files;
      if (!file) return;
      form.elements.file.value = "";
      this.#take(file);
      this.#run();
    });
    this.progress.querySelector("button").addEventListener("click", () => this.#stop("matchStopped"));
    this.#find("[data-wp-prepare]")?.addEventListener("click", () => this.#handOver());
    this.#take(null); // a file that the browser has kept over a reload
  }

  #find(selector) { return this.root.querySelector(selector); }

  /** @param {File | null} file that was dropped */
  #take(file) {
    this.dropped = file;
    const chosen = file ?? this.form.elements.file.files[0];
    const note = this.#find("[data-wp-chosen]");
    note.textContent = chosen ? say("matchFile", { name: chosen.name, size: megabytes(chosen.size) }) : note.dataset.hint;
  }

  // -- what it is about ---------------------------------------------------------------------------

  /** Offers the products that the index knows, once. */
  #offered() {
    this.offering ??= this.#offer();
    return this.offering;
  }

  async #offer() {
    const options = await prIndex().then((index) => index.options()).catch(() => null); // the form works without
    this.products = options?.products ?? [];
    const { lang } = document.documentElement;
    this.form.elements.product.append(...this.products.map(({ id, name, names }) => element("option", { value: id }, names?.[lang] ?? name)));
    this.#offerReleases();
  }

  #offerReleases() {
    const { product } = this.form.elements;
    const offered = (this.products ?? []).filter(({ id }) => !product.value || id === product.value);
    this.#find("datalist").replaceChildren(...offered.flatMap(({ releases }) => releases.map(({ id }) => element("option", { value: id })).reverse()));
    this.#check();
  }

  /** The device as the form names it; a release without its product where only one has it. @returns {{product?: string, release?: string} | null} */
  #check() {
    const { product, release } = this.form.elements;
    const written = release.value.trim().toLowerCase();
    const having = (this.products ?? []).filter(({ id, releases }) => (!product.value || id === product.value) && releases.some((one) => one.id.toLowerCase() === written));
    const wrong = Boolean(written && this.products && !having.length);
    this.#find("[data-wp-unknown]").textContent = wrong ? say("matchUnknown", { release: release.value.trim() }) : "";
    if (wrong) release.setAttribute("aria-invalid", "true");
    else release.removeAttribute("aria-invalid");
    if (wrong) return null;
    if (!written || having.length !== 1) return { product: product.value };
    return { product: having[0].id, release: having[0].releases.find((one) => one.id.toLowerCase() === written).id };
  }

  // -- the search ---------------------------------------------------------------------------------

  async #run() {
    const { elements } = this.form;
    const log = this.dropped ?? elements.file.files[0] ?? (elements.text.value.trim() ? new Blob([elements.text.value]) : null);
    this.#stop("");
    await this.#offered();
    const given = this.#check();
    if (!log || !given) {
      (log ? elements.release : elements.file).focus();
      if (!log) this.#tell(say("matchNothingGiven"));
      return;
    }
    this.#find("[data-wp-found]").hidden = true;
    this.progress.hidden = false;
    this.#draw(0, log.size);
    const worker = new Worker(new URL("./log-match-worker.js", import.meta.url), { type: "module" });
    this.worker = worker;
    worker.onerror = () => this.#stop("matchFailed");
    worker.onmessage = async ({ data }) => {
      if (this.worker !== worker) return;
      if (data.done !== undefined) this.#draw(data.done, data.total);
      else if (data.looking !== undefined) this.#say(say("matchLooking", { count: data.looking }));
      else {
        const ready = data.matched && await this.#prepared(data.matched).catch(() => null);
        if (this.worker !== worker) return;
        this.#stop(ready ? "" : "matchFailed");
        if (ready) this.#show(data.matched);
      }
    };
    worker.postMessage({ log, given });
  }

  /** Loads what showing and handing over need. @param {Matched} matched */
  async #prepared({ device }) {
    const [reasons, { HEADER }, { redact }] = await Promise.all([reasonsFor(device).catch(() => new Map()), import("./messages.js"), import("./redact.js")]);
    return Object.assign(this, { reasons, header: HEADER, redact });
  }

  /** @param {string} told name of a text */
  #stop(told) {
    this.worker?.terminate();
    this.worker = null;
    this.progress.hidden = true;
    this.#tell(told ? say(told) : "");
  }

  /** @param {number} done bytes @param {number} total */
  #draw(done, total) {
    Object.assign(this.progress.querySelector("progress"), { max: total || 1, value: done });
    this.#say(say("matchReading", { done: megabytes(done), total: megabytes(total) }));
  }

  #say(text) { this.#find("[data-wp-done]").textContent = text; }

  #tell(text) { this.#find("[data-wp-status]").textContent = text; }

  // -- what was found -----------------------------------------------------------------------------

  /** @param {Matched} matched */
  #show(matched) {
    this.matched = matched;
    const { lines, messages, incidents, device, full, damaged } = matched;
    this.#tell([say("matchRead", { lines, messages, found: incidents.length }), incidents.length ? "" : say("matchNone"),
      full ? say("matchFull") : "", damaged ? say("matchDamaged") : ""].filter(Boolean).join(" "));
    const known = [this.#name(device.product), device.release, this.#name(device.product, device.platform), device.serial && say("matchSerial", { serial: device.serial })];
    this.#find("[data-wp-device]").textContent = [known.some(Boolean) ? say("matchDevice", { device: known.filter(Boolean).join(", ") }) : "",
      device.release ? "" : say("matchNoRelease")].filter(Boolean).join(" ");
    this.#find("[data-wp-incidents]").replaceChildren(...incidents.map((incident) => this.#incident(incident, device.release)));
    const priority = this.#find("[data-wp-priority]");
    if (priority) priority.textContent = say("matchPriority", { priority: matched.priority });
    this.#find("[data-wp-found]").hidden = false;
  }

  /** What a product, or a platform of it, is called. @param {string} product @param {string} [platform] */
  #name(product, platform) {
    const own = (this.products ?? []).find(({ id }) => id === product);
    const named = platform === undefined ? own : own?.platforms.find(({ id }) => id === platform);
    return named?.names?.[document.documentElement.lang] ?? named?.name ?? platform ?? product;
  }

  /** @param {Incident} incident @param {string} release */
  #incident({ card, messages, standing }, release) {
    const item = entry(card, { heading: "h3", names: (id) => this.#name(id) });
    const reason = standing === "affected" ? this.reasons.get(card.ordinal) : "";
    const told = reason ? say("matchAffectedWhy", { release, reason }) : say(STANDINGS[standing], { release });
    if (standing) item.append(element("p", { class: "wp-match__standing", "data-standing": standing }, told));
    const lines = messages.map(({ line, count, text }) =>
      element("li", {}, element("b", {}, `${say(count > 1 ? "matchTimes" : "matchLine", { line, count })}: `), text));
    item.append(element("ol", { class: "wp-match__lines" }, ...lines.slice(0, LINES)));
    if (lines.length > LINES) {
      item.append(element("details", {}, element("summary", {}, say("matchMore", { count: lines.length - LINES })),
        element("ol", { class: "wp-match__lines" }, ...lines.slice(LINES))));
    }
    return item;
  }

  /** Gives the page that prepares a case what is known, without what should not leave the house. */
  #handOver() {
    if (!this.matched) return;
    const { incidents, worst, device, priority } = this.matched;
    const found = new Map([...incidents.flatMap(({ messages }) => messages), ...worst].map((message) => [message.line, message.text]));
    const first = incidents[0]?.messages[0] ?? worst[0];
    const { redact, header } = this;
    const data = redact([...found].sort(([a], [b]) => a - b).map(([, text]) => text).join("\n"));
    const records = incidents.map(({ card }) => card.id).join(", ");
    handOver({
      product: device.product, platform: this.#name(device.product, device.platform), release: device.release, serial: device.serial,
      title: redact(headless(first?.text ?? "", header)).slice(0, MOST_TITLE), description: records && say("matchRecords", { records }),
      data: data.slice(0, MOST_LINES), priority: String(priority),
    });
  }
}

/** Why records affect a device, by their numbers in the search index. @param {import("./log-device.js").Device} device @returns {Promise<Map<number, string>>} */
async function reasonsFor({ product, release, platform }) {
  const answers = ownAnswers();
  await answers.prepare([{ product, release, platform, key: "", devices: [] }]);
  return new Map(answers.matches(product, release, platform).map((match) => [match.card, answers.reason({ product, release }, match)]));
}

/** A line of a log without time and host. @param {string} line @param {RegExp} header */
function headless(line, header) {
  return line.slice(header.exec(line.toLowerCase())?.[0].length ?? 0);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return Math.round(bytes / MEGABYTE * 10) / 10;
}
