// The ways by which a prepared case reaches the vendor, as its priority allows, and when the first answer is due.
import { mailed, prefilled } from "./case-output.js";
import { element } from "./dom.js";
import { say } from "./texts.js";

/** @typedef {import("./case-output.js").Case} Case */

/**
 * The contacts that take cases of its region and level, as items of the page's list.
 * @param {HTMLElement} root
 * @param {Case} prepared
 * @returns {HTMLElement[]}
 */
export function contactsFor(root, { contact, level }) {
  const fits = (/** @type {string} */ names, /** @type {string | undefined} */ name) => !names || !name || names.split(" ").includes(name);
  return [...root.querySelectorAll(".wp-case__contacts li")]
    .filter(({ dataset }) => fits(dataset.regions, contact?.region?.id) && fits(dataset.levels, level?.id));
}

/**
 * A list item for each way by which a case of its priority is opened; of several that must all be gone, one with a list.
 * @param {HTMLElement} root
 * @param {HTMLInputElement} level
 * @param {Case} prepared
 * @param {string} text the case as text
 */
export function waysOf(root, level, prepared, text) {
  const kinds = level.dataset.channels.split(" ");
  const channels = [...root.querySelectorAll(".wp-case__channels li")].filter(({ dataset }) => kinds.includes(dataset.kind));
  const contacts = contactsFor(root, prepared);
  const items = channels.flatMap(({ dataset }) => way(dataset, contacts, prepared, text));
  const every = level.dataset.every !== undefined && channels.length > 1;
  return every ? [element("li", {}, element("p", {}, element("strong", {}, say("wayEvery"))), element("ol", {}, ...items))] : items;
}

function way({ kind, name, url, prefill }, contacts, prepared, text) {
  const cut = (/** @type {{cut: boolean}} */ made) => (made.cut ? [element("p", { class: "wp-case__hint" }, say("wayCut"))] : []);
  if (kind === "phone") return calls(contacts, prepared);
  if (kind === "email") {
    const addresses = [...new Set(contacts.map(({ dataset }) => dataset.email).filter(Boolean))];
    return addresses.map((address) => {
      const made = mailed(address, prepared, text);
      return element("li", {}, element("a", { href: made.href }, say("wayEmail", { address })), ...cut(made));
    });
  }
  if (prefill) {
    const made = prefilled(prefill, prepared, text);
    return [element("li", {}, element("a", { href: made.href, target: "_blank", rel: "noopener" }, say("wayWeb", { name })), ...cut(made))];
  }
  if (url) return [element("li", {}, element("a", { href: url, target: "_blank", rel: "noopener" }, say("wayWebPlain", { name })))];
  return [element("li", {}, say("wayOther", { name }))];
}

/** Whom to call, and what to say. */
function calls(contacts, { level, serial, title }) {
  const numbers = contacts.flatMap((item) => [...item.querySelectorAll("a[href^='tel:']")].map((link) => [link, item.querySelector("strong").textContent]));
  const lines = [["sayFirst", { number: level.number, name: level.name }], ...(serial ? [["saySerial", { serial }]] : []), ...(title ? [["sayTitle", { title }]] : [])];
  return [element("li", {}, element("p", {}, say("wayPhone")),
    element("ul", {}, ...numbers.map(([link, who]) => element("li", {}, element("a", { href: link.href }, link.textContent), `, ${who}`))),
    ...lines.map(([name, values]) => element("p", { class: "wp-case__said" }, say(name, values))), element("p", {}, say("sayLast")))];
}

/**
 * When the first answer and the next message are due if the case is sent now, in both zones; empty where that cannot be said.
 * @param {import("./deadlines.js").Policy | null} policy
 * @param {HTMLInputElement | undefined} chosen the priority
 * @param {string} known plan of the unit's contract
 * @param {Case} prepared
 */
export async function dueText(policy, chosen, known, { contact }) {
  const region = contact?.region?.id ?? (policy?.regions.length === 1 ? policy.regions[0].id : "");
  if (!policy || !chosen || !region) return "";
  const [{ deadlines }, { momentText, ownZone }] = await Promise.all([import("./deadlines.js"), import("./moments.js")]);
  const plan = policy.plans.some(({ id }) => id === known) ? known : policy.plans[0]?.id ?? "";
  const now = Date.now();
  let found = [];
  try {
    found = deadlines(policy, { level: chosen.value, region, opened: now, plan, channel: chosen.dataset.channels.split(" ")[0], registered: now });
  } catch {
    return ""; // a calendar that never opens
  }
  const { zone } = policy.calendars[policy.regions.find(({ id }) => id === region).calendar];
  const time = (/** @type {number} */ at) => say("dueZones", { yours: momentText(at), zone: ownZone(), theirs: momentText(at, zone), other: zone });
  return found.filter(({ kind }) => kind === "response" || kind === "update")
    .map(({ kind, due }) => say(kind === "response" ? "due" : "dueUpdate", { time: time(due) })).join(" ");
}
