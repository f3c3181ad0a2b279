// The checklist of a case: what each item is at the priority, and which are done because the form has been told.
import { say } from "./texts.js";

/** Ticks what the form has been told already. @param {HTMLFormElement} form */
export function tick(form) {
  const { elements } = form;
  for (const item of form.querySelectorAll("[data-field]:not([data-field=''])")) {
    const { field } = item.dataset;
    const told = field === "contact" ? elements.email.value || elements.phone.value : elements.namedItem(field)?.value;
    const box = item.querySelector("input");
    if (told) box.checked = true;
    else if (item.hasAttribute("data-told")) box.checked = false;
    item.toggleAttribute("data-told", Boolean(told));
  }
}

/**
 * What an item is at a priority: required, recommended, if-needed or optional; without one, what it is at the least urgent.
 * @param {HTMLElement} item
 * @param {string | undefined} level
 */
export function needOf(item, level) {
  const needs = JSON.parse(item.dataset.needs);
  return new Map(needs).get(level ?? needs.at(-1)?.[0]) ?? "optional";
}

/** Says it beside each item. @param {HTMLFormElement} form @param {string | undefined} level */
export function showNeeds(form, level) {
  for (const item of form.querySelectorAll("[data-needs]")) {
    const name = needOf(item, level).replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    item.querySelector("[data-wp-need]").textContent = say(`need${name[0].toUpperCase()}${name.slice(1)}`);
  }
}
