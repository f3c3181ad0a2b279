import { csv, download } from "./csv.js";
import { element } from "./dom.js";
import { added, difference, exposure, isSupported, ranking, SEVERITIES, standing, tally, WEIGHTS } from "./network-model.js";
import { chips, dated, devices as counted } from "./network-table.js";
import { say, sayMany } from "./texts.js";

/**
 * @typedef {import("./network-page.js").NetworkPage} NetworkPage
 * @typedef {import("./network-model.js").Group} Group
 */

const SHOWN = 20; // releases of the ranking

/** Which release a group of devices should go to. */
export class Targets {
  /** @param {NetworkPage} network */
  constructor(network) {
    this.network = network;
    this.root = network.page.querySelector("[data-wp-target]");
    this.form = this.root.querySelector("form");
    this.said = this.root.querySelector("[data-wp-best]");
    this.table = this.root.querySelector("table");
    this.tools = this.root.querySelector("[data-wp-ranked]");
    this.asked = ""; // product whose releases are compared
    this.root.querySelector("[data-wp-weights]").append(...SEVERITIES.map((severity) => element("label", {}, network.severity(severity), " ",
      element("input", { type: "number", name: severity, min: "0", max: "100000", step: "any", required: "", value: String(network.weights[severity] ?? WEIGHTS[severity]) }))));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    });
    this.form.addEventListener("input", (event) => {
      if (event.target.name === "product") this.#offer();
      else this.#weigh();
    });
    this.root.querySelector("[data-wp-reset]").addEventListener("click", () => {
      for (const severity of SEVERITIES) this.form.elements[severity].value = String(WEIGHTS[severity]);
      this.#weigh();
    });
    this.root.querySelector("[data-wp-csv]").addEventListener("click", () => this.#save());
  }

  /** @param {Group[]} groups those that the filters leave */
  show(groups) {
    this.groups = groups.filter(({ devices }) => this.network.answers.runs(devices[0]));
    const { product } = this.form.elements;
    const chosen = product.value;
    const products = [...new Set(this.groups.map((group) => group.product))];
    product.replaceChildren(...products.map((id) => element("option", { value: id }, this.network.answers.productName(id))));
    if (products.includes(chosen)) product.value = chosen;
    this.root.hidden = !products.length;
    if (products.length) this.#offer();
  }

  /** @returns {Group[]} */
  #own() {
    return this.groups.filter(({ product }) => product === this.form.elements.product.value);
  }

  /** Says what is going to be compared and how much that loads; compares at once where nothing is missing. */
  #offer() {
    const { answers, today } = this.network;
    const { product } = this.form.elements;
    const supported = answers.releases.get(product.value).releases.filter((release) => isSupported(release, today));
    const missing = answers.missing(product.value, supported);
    const count = this.#own().reduce((sum, group) => sum + group.devices.length, 0);
    this.form.querySelector("[data-wp-load]").textContent = missing ? say("compareLoads", { releases: sayMany("releases", supported.length), size: size(missing) }) : say("compareAll", { releases: sayMany("releases", supported.length) });
    this.root.querySelector("[data-wp-group]").textContent = say("targetGroup", { devices: counted(count), product: answers.productName(product.value) });
    if (this.asked === product.value && !missing) this.#rank();
    else this.#clear();
  }

  #clear() {
    this.asked = "";
    this.said.textContent = "";
    this.tools.hidden = true;
  }

  async #ask() {
    const { answers, today } = this.network;
    const product = this.form.elements.product.value;
    const paths = answers.releases.get(product).releases.filter((release) => isSupported(release, today)).map(({ id }) => id);
    this.said.textContent = say("loading");
    try {
      await Promise.all(paths.map((release) => answers.train(product, release)));
    } catch {
      this.said.textContent = say("offline");
      return;
    }
    this.asked = product;
    this.#offer();
  }

  #weigh() {
    if (!this.form.checkValidity()) return;
    const { network } = this;
    network.weights = Object.fromEntries(SEVERITIES.map((severity) => [severity, Number(this.form.elements[severity].value)]));
    network.keep("weights", network.weights);
    if (this.asked) this.#rank();
  }

  #rank() {
    const { answers, today, weights, severity } = this.network;
    const own = this.#own();
    const product = this.asked;
    const releases = answers.releases.get(product);
    this.rows = ranking(releases, own, weights, today, (release, platform) => answers.matches(product, release.id, platform)).slice(0, SHOWN).map((row) => {
      let [fixed, introduced] = [0, 0];
      for (const group of own) {
        const change = difference(answers.matchesOf(group), answers.matches(product, row.release.id, group.platform));
        fixed += change.fixed.length * group.devices.length;
        introduced += change.introduced.length * group.devices.length;
      }
      return { ...row, fixed, introduced };
    });
    const [best] = this.rows;
    this.tools.hidden = !best;
    if (!best) return void (this.said.textContent = say("noTarget"));
    const now = exposure(own.reduce((sum, group) => added(sum, tally(answers.matchesOf(group)), group.devices.length), {}), weights);
    this.said.replaceChildren(element("strong", {}, say("best", { release: best.release.id })), " ", say("bestWhy", { exposure: best.exposure, now, fixed: sayMany("matches", best.fixed), introduced: sayMany("matches", best.introduced) }), " ", ...dated(this.#notes(best)));
    const number = (/** @type {number} */ value) => element("td", { class: "wp-right" }, value.toLocaleString(document.documentElement.lang));
    this.table.tBodies[0].replaceChildren(...this.rows.map((row, at) => element("tr", {}, element("th", { scope: "row" }, element("span", { class: "wp-id" }, row.release.id)), number(at + 1), number(row.exposure),
      element("td", {}, element("span", { class: "wp-net__chips" }, ...chips(row.counts, severity))), number(row.fixed), number(row.introduced), element("td", {}, ...dated(this.#notes(row))))));
  }

  /** What speaks for a release and against it. */
  #notes({ release, later }) {
    const found = standing(release, this.network.today);
    return [release.recommended ? say("byVendor") : "", found.day ? say(`support${found.state[0].toUpperCase()}${found.state.slice(1)}`, { day: found.day, days: sayMany("days", Math.abs(found.days)) }) : "",
      later ? say("laterThan", { devices: counted(later) }) : ""].filter(Boolean).join(" · ");
  }

  #save() {
    const head = [...this.table.tHead.querySelectorAll("th")].map((cell) => cell.textContent);
    const severities = SEVERITIES.map((severity) => this.network.severity(severity));
    download(`${this.asked}-targets-${this.network.today}.csv`, csv([[...head.slice(0, 3), ...severities, ...head.slice(4)], ...this.rows.map((row, at) => [row.release.id, String(at + 1), String(row.exposure),
      ...SEVERITIES.map((severity) => String(row.counts[severity])), String(row.fixed), String(row.introduced), this.#notes(row)])]));
  }
}

/** @param {number} bytes */
function size(bytes) {
  const large = bytes >= 950_000;
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: large ? "megabyte" : "kilobyte", maximumFractionDigits: large ? 1 : 0 }).format(Math.ceil(bytes / 1_000) / (large ? 1_000 : 1));
}
