import { element } from "./dom.js";
import { say } from "./texts.js";

/**
 * What holds of a release on a day; all days are `YYYY-MM-DD`, empty where there is none.
 * @param {{released: string, engineering: string, support: string}} life
 * @param {string} today
 * @returns {"planned" | "supported" | "limited" | "ended"}
 */
export function stateOn({ released, engineering, support }, today) {
  if (released > today) return "planned";
  if (support && support < today) return "ended";
  return engineering && engineering < today ? "limited" : "supported";
}

/** Says what is supported today, and hides on demand what is not. @param {HTMLElement} page */
export function enhanceLifecycle(page) {
  const today = new Date().toISOString().slice(0, 10);
  const states = [...page.querySelectorAll(".wp-state")];
  for (const place of states) {
    const state = stateOn(place.dataset, today);
    place.dataset.state = state;
    place.replaceChildren(element("span", { class: `wp-chip wp-chip--life-${state}` }, say(`life${state[0].toUpperCase()}${state.slice(1)}`)));
  }
  const form = page.querySelector(".wp-lifecycle__bar");
  if (!form) return;
  const isSupported = (place) => ["supported", "limited"].includes(place.dataset.state);
  const count = states.filter(isSupported).length;
  form.querySelector("[role=status]").textContent = say("lifeShown", { count, all: states.length });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    for (const place of states) place.closest("tr").hidden = form.elements.supported.checked && !isSupported(place);
  });
}
