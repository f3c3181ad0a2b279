// What stands around the results: chips of filters, and the feed that fits.
import { element, languageRoot } from "./dom.js";
import { SECTIONS } from "./pr-shown.js";
import { FIELDS, FIRST, GROUPS, onlyReports, readState } from "./pr-state.js";
import { say, texts } from "./texts.js";

/** @typedef {import("./pr-state.js").State} State @typedef {import("./pr-panel.js").Panel} Panel */

/**
 * A chip for each filter, which takes it away.
 * @param {HTMLElement} active the list of chips
 * @param {HTMLInputElement} box for words
 * @param {State} state
 * @param {Panel} filters
 * @param {(made: (state: State) => State) => void} change asks what is made of what is then asked
 */
export function showChips(active, box, state, filters, change) {
  const chips = [];
  for (const name of [...GROUPS, ...FIELDS]) {
    if (name === "kind" && onlyReports(state)) continue;
    for (const value of typeof state[name] === "string" ? [state[name]].filter(Boolean) : state[name]) {
      chips.push(chip(name, value, filters, () => {
        change((now) => ({ ...now, [name]: typeof now[name] === "string" ? "" : now[name].filter((one) => one !== value), show: FIRST }));
        (active.querySelector("button") ?? box).focus({ preventScroll: true });
      }));
    }
  }
  filters.active(chips.length);
  if (chips.length > 1) {
    const clear = element("button", { type: "button", class: "wp-copy" }, texts().clear ?? "");
    clear.addEventListener("click", () => {
      change((now) => ({ ...readState(""), q: now.q, sort: now.sort }));
      box.focus();
    });
    chips.push(element("li", {}, clear));
  }
  const words = chips.map((one) => one.textContent).join("\n");
  if (words === active.dataset.words) return;
  active.dataset.words = words;
  active.replaceChildren(...chips);
  active.hidden = !chips.length;
}

/** @param {string} name @param {string} value @param {Panel} filters @param {() => void} remove */
function chip(name, value, filters, remove) {
  const filter = `${filters.title(name)}: ${filters.valueName(name, value)}`;
  const label = say("remove", { filter });
  const button = element("button", { type: "button", class: "wp-chip", title: label, "aria-label": label }, filter, element("span", { "aria-hidden": "true" }, " ✕"));
  button.addEventListener("click", remove);
  return element("li", {}, button);
}

/**
 * The narrowest feed that tells of new results: of the component, of the product, of the kind.
 * @param {HTMLAnchorElement} link
 * @param {State} state
 * @param {Panel} filters
 */
export function showFeed(link, { component, product, kind }, filters) {
  const one = (/** @type {string[]} */ list) => (list.length === 1 ? list[0] : "");
  let [feed, topic] = ["all", texts().everything ?? ""];
  if (one(component)) [feed, topic] = [`component-${slug(one(component))}`, filters.valueName("component", one(component))];
  else if (one(product)) [feed, topic] = [`product-${one(product)}`, filters.valueName("product", one(product))];
  else if (one(kind)) [feed, topic] = [SECTIONS[one(kind)] ?? "all", filters.valueName("kind", one(kind))];
  link.href = `${languageRoot()}feeds/${feed}.atom`;
  link.textContent = say("follow", { topic });
}

/** A text as feeds name it (generator/urls.py). @param {string} text */
function slug(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join("-") ?? "x";
}
