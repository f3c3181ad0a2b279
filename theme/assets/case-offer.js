// The last step of a case: its text, what is missing, and the ways that its priority allows.
import { caseText } from "./case-output.js";
import { marked } from "./case-secrets.js";
import { contactsFor, dueText, waysOf } from "./case-ways.js";
import { element } from "./dom.js";
import { secretsIn } from "./redact.js";
import { say } from "./texts.js";

/**
 * @param {HTMLElement} root
 * @param {import("./case-output.js").Case} prepared
 * @param {HTMLInputElement | undefined} level
 * @param {any} policy as the page has it, for when the first answer is due
 * @param {string} plan of the unit's contract, where it is known
 */
export function showOffer(root, prepared, level, policy, plan) {
  const find = (/** @type {string} */ selector) => root.querySelector(selector);
  const text = caseText(prepared, say);
  find("[data-wp-text]").replaceChildren(...marked(text));
  find("[data-wp-missing]").replaceChildren(...lacking(prepared));
  find("[data-wp-ways]").replaceChildren(...(level ? waysOf(root, level, prepared, text) : []));
  dueText(policy, level, plan, prepared).then((words) => { find("[data-wp-due]").textContent = words; });
  const allowed = level ? level.dataset.channels.split(" ") : [];
  for (const item of root.querySelectorAll(".wp-case__channels li")) item.hidden = allowed.length > 0 && !allowed.includes(item.dataset.kind);
  const contacts = new Set(contactsFor(root, prepared));
  for (const item of root.querySelectorAll(".wp-case__contacts li")) item.hidden = !contacts.has(item);
  for (const part of root.querySelectorAll("[data-wp-mail]")) part.hidden = allowed.length > 0 && !allowed.includes("email");
}

/** What is to be looked at before a case leaves. @param {import("./case-output.js").Case} prepared */
function lacking({ description, data, level, title, checklist }) {
  const isSecret = secretsIn([description, data].join("\n")).some(({ kind }) => kind === "password" || kind === "key");
  const missing = [...(level ? [] : [[say("missingLevel"), "priority"]]), ...(title ? [] : [[say("fieldTitle"), "problem"]]),
    ...checklist.filter(({ need, done }) => need === "required" && !done).map(({ name }) => [name, "checklist"])];
  const steps = missing.map(([name, step]) => element("li", {}, element("a", { href: `#${step}` }, name)));
  return [...(isSecret ? [element("p", { class: "wp-note" }, say("secretsLeft"))] : []),
    ...(steps.length ? [element("p", {}, say("missing")), element("ul", {}, ...steps)] : [])];
}
