import { handOver } from "./case-handover.js";
import { element } from "./dom.js";
import { addressOf } from "./pr-shown.js";
import { difference, exposure, groupKey, rank, recommendedFor, standing, tally } from "./network-model.js";
import { chips, dated, PagedTable } from "./network-table.js";
import { say, sayMany, texts } from "./texts.js";

/**
 * @typedef {import("./network-page.js").NetworkPage} NetworkPage
 * @typedef {import("./network-model.js").Device} Device
 * @typedef {import("./network-model.js").Match} Match
 */

const LISTED = 10; // records of a device at first
const FIELDS = ["name", "product", "platform", "release", "serial", "site", "tags"];
const DRAWN = 100; // ms between two pictures of the progress

/** The devices, each with what hits it and what to do about it. */
export class DeviceTable {
  /** @param {NetworkPage} network */
  constructor(network) {
    this.network = network;
    this.root = network.page.querySelector("[data-wp-devices]");
    this.dialog = network.page.querySelector("dialog[data-wp-edit]");
    this.known = new Map(); // group -> counts, open records, standing, recommendation
    this.table = new PagedTable(this.root, [
      { name: "device", key: ({ name }) => name },
      { name: "release", key: ({ release }) => release, cell: (device) => [device.release, element("small", {}, this.#type(device))] },
      { name: "site", key: ({ site }) => site ?? "" },
      { name: "tags", key: ({ tags }) => (tags ?? []).join(", ") },
      { name: "open", key: (device) => exposure(this.#facts(device).counts, network.weights), down: true,
        cell: (device) => [element("span", { class: "wp-net__chips" }, ...this.#open(device))], text: (device) => this.#open(device).map((part) => part.textContent ?? part).join("").trim() },
      { name: "support", key: (device) => this.#facts(device).standing?.day ?? "", cell: (device) => dated(this.#support(device)), text: (device) => this.#support(device) },
      { name: "recommended", key: (device) => this.#facts(device).recommended, cell: (device) => this.#advice(device) },
      { name: "serial", key: ({ serial }) => serial ?? "", cell: (device) => this.#serial(device) },
      { name: "coverage", key: (device) => this.#coverage(device) },
    ], { id: ({ key }) => key, open: (device) => this.#details(device), file: `devices-${network.today}.csv` });
    this.#asking();
    this.#editing();
  }

  /** @param {Device[]} devices */
  show(devices) {
    this.known.clear();
    this.table.opened.clear();
    this.table.show(devices);
    this.root.querySelector("[data-wp-count]").textContent = say("shownDevices", { devices: sayMany("devices", devices.length), total: this.network.devices.length });
    const serials = this.#serials().length;
    const button = this.root.querySelector("[data-wp-cover]");
    button.hidden = !this.network.facts.entitlement || !globalThis.crypto?.subtle || !serials;
    button.textContent = say("cover", { serials: sayMany("serials", serials) });
  }

  /** What devices with the same answers share. @param {Device} device */
  #facts(device) {
    const { product, release, platform } = device;
    const key = groupKey(device);
    let known = this.known.get(key);
    if (!known) {
      const { answers, today } = this.network;
      const told = answers.runs(device);
      const open = !told ? [] : answers.matches(product, release, platform ?? "").filter((match) => this.network.stateOf(match) === "open");
      this.known.set(key, known = { told, open, counts: tally(open), standing: told && standing(told, today),
        recommended: told ? recommendedFor(answers.releases.get(product), release, today) : "" });
    }
    return known;
  }

  /** @param {Device} device */
  #type({ product, platform }) {
    const { answers } = this.network;
    return platform ? `${answers.productName(product)}, ${answers.platformName(product, platform)}` : answers.productName(product);
  }

  /** @param {Device} device @returns {(Node | string)[]} */
  #open(device) {
    const { told, counts } = this.#facts(device);
    const shown = chips(counts, this.network.severity);
    return !told ? [say("unknownRelease")] : shown.length ? shown : [say("nothingOpen")];
  }

  /** @param {Device} device */
  #support(device) {
    const found = this.#facts(device).standing;
    if (!found) return "";
    return say(`support${found.state[0].toUpperCase()}${found.state.slice(1)}`, { day: found.day, days: sayMany("days", Math.abs(found.days)) });
  }

  /** @param {Device} device */
  #advice(device) {
    const { told, recommended } = this.#facts(device);
    if (!recommended) return [told ? say("stay") : ""];
    const change = this.#change(device, recommended);
    return [element("span", { class: "wp-release" }, recommended), element("small", {}, change ? say("change", { fixed: change.fixed.length, introduced: change.introduced.length }) : say("changeLater"))];
  }

  /** What an upgrade changes; null while the affected set of its train is not here. @param {Device} device @param {string} target */
  #change({ product, release, platform }, target) {
    const { answers } = this.network;
    return answers.has(product, target) ? difference(answers.matches(product, release, platform ?? ""), answers.matches(product, target, platform ?? "")) : null;
  }

  /** @param {Device} device */
  #serial({ serial }) {
    return serial ? [element("span", { class: "wp-id" }, serial)] : [""];
  }

  // -- an opened row ------------------------------------------------------------------------------

  /** @param {Device} device */
  #details(device) {
    const { recommended, open } = this.#facts(device);
    const holder = element("div", { class: "wp-covered wp-net__details" });
    const upgrade = element("div", {});
    if (recommended) this.#upgrade(device, recommended, upgrade);
    const sorted = [...open].sort((one, other) => rank(one) - rank(other) || other.card - one.card);
    const list = element("ul", { class: "wp-net__list" });
    this.#list(device, sorted.slice(0, LISTED), list);
    const more = sorted.length > LISTED ? [this.#button("showMore", () => {
      this.#list(device, sorted.slice(LISTED), list);
      more[0].remove();
      list.children[LISTED].querySelector("a").focus();
    }, { count: sorted.length - LISTED })] : [];
    holder.append(upgrade, ...(sorted.length ? [element("h3", {}, say("openRecords")), list, ...more] : []), this.#buttons(device));
    return holder;
  }

  /** What going to the recommended release changes, after its train's affected set has come. @param {Device} device @param {string} target @param {HTMLElement} holder */
  async #upgrade(device, target, holder) {
    const { network } = this;
    const { product, platform, release } = device;
    holder.append(element("h3", {}, say("fromTo", { from: release, to: target })));
    const said = element("p", { role: "status" }, say("loading"));
    holder.append(said);
    const fresh = !network.answers.has(product, target);
    try {
      await network.answers.train(product, target);
    } catch {
      said.textContent = say("offline");
      return;
    }
    const { fixed, introduced, remaining } = this.#change(device, target);
    said.textContent = say("changes", { fixed: sayMany("records", fixed.length), introduced: sayMany("records", introduced.length), remaining: sayMany("records", remaining.length) });
    for (const [name, matches] of Object.entries({ fixed, introduced })) {
      if (matches.length) holder.append(element("p", { class: "wp-net__chips" }, `${say(name)} `, ...chips(tally(matches), network.severity)));
    }
    if (network.facts.compare) {
      const asked = new URLSearchParams({ product, ...(platform ? { platform } : {}), from: release, to: target });
      holder.append(element("p", {}, element("a", { href: `${network.facts.compare}?${asked}` }, say("compare"))));
    }
    if (fresh) for (const [row, line] of [...this.table.part.values()].map((row, at) => [row, this.#lines()[at]])) this.#redraw(row, line);
  }

  #lines() {
    return [...this.table.table.tBodies[0].children].filter((line) => !line.classList.contains("wp-covered__row"));
  }

  /** Shows again what a row recommends, now that more is known. @param {Device} row @param {HTMLElement} line */
  #redraw(row, line) {
    const at = this.table.columns.findIndex(({ name }) => name === "recommended");
    line?.children[at].replaceChildren(...this.#advice(row));
  }

  /** @param {Device} device @param {Match[]} matches @param {HTMLElement} list */
  async #list(device, matches, list) {
    const { network } = this;
    const links = matches.map((match) => element("a", { href: addressOf(match) }, match.id));
    list.append(...matches.map((match, at) => element("li", {}, ...chips({ [match.severity || "unrated"]: 1 }, network.severity).map((part) => {
      if (part instanceof Element) part.textContent = network.severity(match.severity || "unrated");
      return part;
    }), links[at], element("small", {}, `${texts()[match.kind] ?? match.kind} · ${network.answers.reason(device, match)}`))));
    await network.records.titled(matches).catch(() => {});
    matches.forEach(({ id }, at) => {
      const known = network.records.titles.get(id);
      if (known) links[at].replaceChildren(element("span", { class: "wp-id" }, id), " ", element("span", known.lang ? { lang: known.lang } : {}, known.title));
    });
  }

  /** @param {string} text @param {() => void} work @param {Record<string, number>} values */
  #button(text, work, values = {}) {
    const made = element("button", { type: "button", class: "wp-button" }, say(text, values));
    made.addEventListener("click", work);
    return made;
  }

  /** @param {Device} device */
  #buttons(device) {
    const { facts, answers } = this.network;
    const made = [this.#button("edit", () => this.#edit(device)), this.#button("removeOne", () => this.#remove(device))];
    if (facts.case) {
      const link = element("a", { class: "wp-button", href: facts.case }, say("prepare"));
      link.addEventListener("click", () => handOver({ product: device.product, platform: device.platform ? answers.platformName(device.product, device.platform) : "",
        release: device.release, serial: device.serial ?? "" }));
      made.unshift(link);
    }
    return element("p", { class: "wp-net__buttons" }, ...made.flatMap((one) => [one, " "]));
  }

  // -- changes ------------------------------------------------------------------------------------

  /** @param {Device} device */
  async #remove(device) {
    const { network } = this;
    await network.replace(network.devices.filter((one) => one !== device));
    network.tell("removed", { name: device.name });
    (this.root.querySelector("tbody button") ?? network.page.querySelector("summary")).focus();
  }

  #editing() {
    const form = this.dialog.querySelector("form");
    const { elements } = form;
    elements.product.addEventListener("change", () => this.#choices(elements.product.value));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const { network } = this;
      const device = Object.fromEntries(FIELDS.map((name) => [name, elements[name].value.trim()]));
      const told = network.answers.releases.get(device.product)?.releases.find(({ id }) => id.toLowerCase() === device.release.toLowerCase());
      if (!told) {
        this.dialog.querySelector("[role=status]").textContent = say("noRelease", { product: network.answers.productName(device.product), release: device.release });
        elements.release.focus();
        return;
      }
      const changed = { ...this.edited, ...device, release: told.id, written: "", checked: true, line: 0, tags: device.tags.split(/[,;]/).map((tag) => tag.trim()).filter(Boolean) };
      this.dialog.close();
      await network.replace(this.edited ? network.devices.map((one) => (one === this.edited ? changed : one)) : [...network.devices, { ...changed, key: `n${Date.now()}` }]);
      network.tell("saved", { name: changed.name });
      this.root.querySelector(`tbody button[value="${CSS.escape(changed.key ?? "")}"]`)?.focus();
    });
    this.dialog.querySelector("[data-wp-cancel]").addEventListener("click", () => this.dialog.close());
    this.root.querySelector("[data-wp-add]").addEventListener("click", () => this.#edit(null));
  }

  /** Opens the form of a device, an empty one for a new device. @param {Device | null} device */
  async #edit(device) {
    const { answers } = this.network;
    this.edited = device;
    const form = this.dialog.querySelector("form");
    this.dialog.querySelector("[role=status]").textContent = "";
    this.dialog.querySelector("h2").textContent = say(device ? "editing" : "adding", { name: device?.name ?? "" });
    this.dialog.showModal();
    await answers.catalogue().catch(() => {}); // those of the inventory are here already
    const { elements } = form;
    elements.product.replaceChildren(...[...answers.releases.keys()].map((id) => element("option", { value: id }, answers.productName(id))));
    form.reset();
    elements.product.value = device?.product ?? answers.releases.keys().next().value;
    this.#choices(elements.product.value);
    for (const name of FIELDS) if (device && name !== "product") elements[name].value = name === "tags" ? (device.tags ?? []).join(", ") : device[name] ?? "";
  }

  /** @param {string} product */
  #choices(product) {
    const { answers } = this.network;
    const { platform } = this.dialog.querySelector("form").elements;
    const platforms = answers.products.find(({ id }) => id === product)?.platforms ?? [];
    platform.replaceChildren(platform.options[0], ...platforms.map(({ id }) => element("option", { value: id }, answers.platformName(product, id))));
    const releases = answers.releases.get(product)?.releases ?? [];
    this.dialog.querySelector("datalist").replaceChildren(...[...releases].reverse().map(({ id }) => element("option", { value: id })));
  }

  // -- entitlement --------------------------------------------------------------------------------

  /** The serial numbers of the devices in view. */
  #serials() {
    return [...new Set(this.table.rows.map(({ serial }) => serial).filter(Boolean))];
  }

  /** @param {Device} device */
  #coverage({ serial }) {
    const found = this.network.coverage.get(serial);
    return found ? [found.words, found.until].filter(Boolean).join(", ") : "";
  }

  #asking() {
    const progress = this.root.querySelector("[data-wp-progress]");
    this.root.querySelector("[data-wp-cover]").addEventListener("click", () => this.#cover(progress));
    progress.querySelector("button").addEventListener("click", () => this.stopping?.abort());
  }

  /** Looks serial numbers up in the sealed table. @param {HTMLElement} progress */
  async #cover(progress) {
    const { network } = this;
    const facts = network.facts.entitlement;
    const serials = this.#serials().filter((serial) => !network.coverage.has(serial));
    const [{ openMany }, { answer, cell }, { todayIn }] = await Promise.all([import("./seal.js"), import("./entitlement-shown.js"), import("./coverage.js")]);
    const today = todayIn(facts.zone);
    this.stopping?.abort();
    const own = this.stopping = new AbortController();
    progress.hidden = false;
    let drawn = -Infinity;
    const report = (done, total, index, row) => {
      const found = answer(serials[index], row, facts, today);
      network.coverage.set(serials[index], { words: cell(found, "state", facts, today), until: cell(found, "until", facts, today) });
      if (performance.now() - drawn < DRAWN) return;
      drawn = performance.now();
      Object.assign(progress.querySelector("progress"), { max: total, value: done });
      progress.querySelector("[data-wp-done]").textContent = say("progress", { done, total });
    };
    try {
      await openMany(facts.table, serials.map((serial) => ({ [facts.fields[0]]: serial })), report, own.signal);
      network.tell("covered", { serials: sayMany("serials", serials.length) });
    } catch {
      network.tell(own.signal.aborted ? "stopped" : "offline");
    }
    if (this.stopping !== own) return;
    progress.hidden = true;
    this.table.draw();
  }
}
