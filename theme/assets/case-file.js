// A prepared case as a file has it (docs/case.md), from the form and back into it.
import { needOf } from "./case-checklist.js";

/** @typedef {import("./case-output.js").Case} Case */
/** @typedef {Record<string, string | string[]>} Values what stands in the form, by the names of its fields */

const LARGEST = 2_000_000; // bytes of a file

/**
 * @param {HTMLElement} root
 * @param {Values} values
 * @param {HTMLInputElement | undefined} level
 * @returns {Case}
 */
export function caseOf(root, values, level) {
  const { elements } = root.querySelector("form");
  const option = (/** @type {string} */ name) => {
    const chosen = elements.namedItem(name)?.selectedOptions?.[0];
    return chosen?.value ? { id: chosen.value, name: chosen.textContent.trim() } : undefined;
  };
  const checklist = [...root.querySelectorAll("[data-needs]")].map((item) => {
    const box = item.querySelector("input");
    return { id: box.value, name: box.dataset.name, need: needOf(item, level?.value), done: box.checked };
  });
  const contact = { name: values.name, email: values.email, phone: values.phone, region: option("region") };
  const made = {
    format: 1, portal: root.dataset.portal, language: document.documentElement.lang, prepared: new Date().toISOString(),
    product: option("product"), platform: values.platform, release: values.release, kind: option("kind"), title: values.title,
    description: values.description, data: values.data,
    level: level && { id: level.value, number: Number(level.dataset.number), name: level.dataset.name }, reason: level && values.reason,
    serial: values.serial, contract: values.contract, checklist,
    attachments: values.attachments?.split("\n").map((line) => line.trim()).filter(Boolean),
    contact: Object.values(contact).some(Boolean) ? contact : undefined, reference: values.reference,
  };
  return JSON.parse(JSON.stringify(made)); // without what is undefined
}

/** What the form gets from a file; null where it is no prepared case. @param {File | undefined} file @returns {Promise<Values | null>} */
export async function valuesIn(file) {
  const read = file && file.size < LARGEST ? await file.text().then(JSON.parse).catch(() => null) : null;
  if (!read || typeof read !== "object" || read.format !== 1) return null;
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
  return {
    ...Object.fromEntries(["platform", "release", "title", "description", "data", "serial", "contract", "reference", "reason"].map((name) => [name, text(read[name])])),
    ...Object.fromEntries(["product", "kind", "level"].map((name) => [name, text(read[name]?.id)])),
    ...Object.fromEntries(["name", "email", "phone"].map((name) => [name, text(read.contact?.[name])])), region: text(read.contact?.region?.id),
    attachments: Array.isArray(read.attachments) ? read.attachments.map(text).join("\n") : "",
    item: Array.isArray(read.checklist) ? read.checklist.filter((item) => item?.done === true).map((item) => text(item.id)) : [],
  };
}
