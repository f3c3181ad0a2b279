import { download } from "./csv.js";
import { element } from "./dom.js";
import { inventoryFile, loadedInventory } from "./inventory.js";
import { say, sayMany } from "./texts.js";

/** @typedef {import("./network-page.js").NetworkPage} NetworkPage */

const MOST = 32 << 20; // bytes of a file
const LISTED = 50; // findings

/** How devices come into the inventory and out of it. */
export class Inventory {
  /** @param {NetworkPage} network */
  constructor(network) {
    this.network = network;
    this.root = network.page.querySelector("[data-wp-inventory]");
    this.form = this.root.querySelector("form");
    this.said = this.root.querySelector("[data-wp-read]");
    this.fresh = true; // nothing has been shown yet
    this.findings = this.root.querySelector("[data-wp-findings]");
    const on = (/** @type {string} */ name, /** @type {() => void} */ work) => this.root.querySelector(`[data-wp-${name}]`).addEventListener("click", work);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#read([this.form.elements.list.value]);
    });
    this.form.elements.file.addEventListener("change", async () => {
      await this.#files(this.form.elements.file.files);
      this.form.elements.file.value = ""; // the same file can be chosen again
    });
    const drop = this.form;
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("wp-net__drop");
    });
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("wp-net__drop"));
    drop.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.#files(event.dataTransfer.files);
    });
    on("example", () => this.#read([JSON.stringify({ format: 1, devices: this.network.facts.example })]));
    on("export", () => this.#export());
    on("wipe", () => this.#wipe());
  }

  /** Is ready, and reads files that were chosen before this script had arrived. */
  async start() {
    for (const button of this.form.querySelectorAll("button")) button.disabled = false;
    const { file } = this.form.elements;
    if (file.files.length) await this.#files(file.files);
    file.value = "";
  }

  /** Brings the forms into line with the inventory. */
  show() {
    const there = this.network.devices.length > 0;
    this.root.querySelector("[data-wp-mode]").hidden = !there;
    for (const part of this.root.querySelectorAll("[data-wp-held]")) part.hidden = !there;
    this.root.querySelector("[data-wp-kept]").textContent = there ? say("kept", { devices: sayMany("devices", this.network.devices.length) }) : "";
    if (!there) this.root.querySelector("details").open = true;
    else if (this.fresh) this.root.querySelector("details").open = false;
    this.fresh = false;
  }

  /** @param {FileList} files */
  async #files(files) {
    const large = [...files].find((file) => file.size > MOST);
    if (large) this.said.textContent = say("tooLarge", { name: large.name });
    else await this.#read(await Promise.all([...files].map(textOf)));
  }

  /** @param {string[]} texts */
  async #read(texts) {
    const { network } = this;
    const own = texts.filter((text) => text.trim());
    this.findings.replaceChildren();
    if (!own.length) {
      this.said.textContent = say("nothingToRead");
      this.form.elements.list.focus();
      return;
    }
    this.said.textContent = say("loading");
    const read = await this.#known(own).catch(() => null);
    if (!read) {
      this.said.textContent = say("offline");
      return;
    }
    const devices = read.flatMap((one) => one.devices);
    const findings = read.flatMap((one) => one.findings);
    this.said.textContent = [devices.length ? say("read", { devices: sayMany("devices", devices.length) }) : say("nothingRead"),
      findings.length ? sayMany("findings", findings.length) : ""].filter(Boolean).join(" ");
    this.findings.replaceChildren(...findings.slice(0, LISTED).map((finding) => element("li", {}, findingText(finding))),
      ...(findings.length > LISTED ? [element("li", {}, say("moreFindings", { count: findings.length - LISTED }))] : []));
    if (!devices.length) return;
    this.form.elements.list.value = "";
    if (!findings.length) this.root.querySelector("details").open = false;
    Object.assign(network.notes, ...own.map(notesIn));
    await network.keep("notes", network.notes);
    const replace = !network.devices.length || this.form.elements.mode.value === "replace";
    const names = new Set(devices.map(({ name }) => name));
    const others = replace ? [] : network.devices.filter(({ name }) => !names.has(name));
    await network.replace([...others, ...devices].map((device, at) => ({ ...device, key: String(at) })));
    this.said.scrollIntoView({ block: "nearest" });
  }

  /** What texts say, held against the portal. @param {string[]} texts */
  async #known(texts) {
    const { answers } = this.network;
    const catalogue = { index: await answers.load("api/v1/releases.json"), releases: {} };
    return Promise.all(texts.map((text) => loadedInventory(text, catalogue, (path) => answers.load(path))));
  }

  /** Checks again what the portal did not know at the last visit. @returns {Promise<boolean>} whether it knows more now */
  async readAgain() {
    const { network } = this;
    const unknown = network.devices.filter(({ checked }) => checked === false);
    if (!unknown.length) return false;
    const [{ devices }] = await this.#known([inventoryFile(unknown)]);
    const found = new Map(unknown.map((device, at) => [device, devices[at]]).filter(([, read]) => read?.checked));
    if (!found.size) return false;
    network.devices = network.devices.map((device) => (found.has(device) ? { ...found.get(device), key: device.key } : device));
    await network.keep("devices", network.devices);
    return true;
  }

  #export() {
    const { devices, notes, today } = this.network;
    download(`inventory-${today}.json`, `${JSON.stringify({ ...JSON.parse(inventoryFile(devices)), notes }, null, 1)}\n`, "application/json");
  }

  async #wipe() {
    if (!confirm(say("sure"))) return;
    const { network } = this;
    await network.store.wipe();
    Object.assign(network, { devices: [], notes: {}, visit: null, news: null });
    network.coverage.clear();
    this.findings.replaceChildren();
    this.form.reset();
    await network.refresh();
    this.said.textContent = say("wiped");
    this.root.querySelector("summary").focus();
  }
}

/** The text of a file, in UTF-8 or UTF-16. @param {File} file */
async function textOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const mark = `${bytes[0]} ${bytes[1]}`;
  return new TextDecoder(mark === "255 254" ? "utf-16le" : mark === "254 255" ? "utf-16be" : "utf-8").decode(bytes);
}

/** What an exported inventory says of records. @param {string} text @returns {Record<string, import("./network-page.js").Note>} */
function notesIn(text) {
  try {
    const { notes } = JSON.parse(text);
    return Object.fromEntries(Object.entries(notes ?? {}).filter(([, note]) => ["done", "snoozed"].includes(note?.state)).map(([id, { state, until, note, day }]) =>
      [id, { state, until: String(until ?? ""), note: String(note ?? ""), day: String(day ?? "") }]));
  } catch {
    return {};
  }
}

/** @param {import("./inventory.js").Finding} finding */
function findingText({ line, reason, remedy, values }) {
  return [line ? say("line", { line }) : "", say(reason, values), remedy ? say(remedy, values) : ""].filter(Boolean).join(" ");
}
