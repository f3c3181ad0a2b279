import { element } from "./dom.js";
import { excerptOf, kindOf, outcome, searcher, warmUp } from "./find.js";
import { texts } from "./texts.js";

/** @typedef {import("./find.js").Found} Found */

const SHOWN = 8;
const PAUSE = 150; // ms without a key before a search starts

/**
 * Results under a search box, a combo box in ARIA's terms: arrows choose, Enter opens, Escape closes.
 * @param {HTMLInputElement} input
 */
export function enhanceSearchBox(input) {
  const form = input.form;
  const list = element("ul", { id: `${input.id}-list`, role: "listbox", "aria-label": texts().results ?? "" });
  const status = element("p", { role: "status" });
  const panel = element("div", { class: "wp-results", hidden: "" }, list, status);
  form.append(panel);
  Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", autocomplete: "off" })
    .forEach(([name, value]) => input.setAttribute(name, value));
  let current = -1;
  let timer = 0;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const choose = (position) => {
    const all = options();
    all[current]?.setAttribute("aria-selected", "false");
    current = position;
    const chosen = all[current];
    if (!chosen) { input.removeAttribute("aria-activedescendant"); return; }
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", chosen.id);
  };
  const open = (isOpen) => {
    panel.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen && options().length > 0));
    choose(-1);
  };
  const wait = () => {
    list.replaceChildren();
    status.replaceChildren(texts().searching ?? "");
    open(true);
  };
  /** @param {string} query @param {Found | null} found */
  const show = (query, found) => {
    if (!query || !form.contains(document.activeElement)) { open(false); return; }
    list.replaceChildren(...(found?.results ?? []).map((result, number) => element("li", { role: "presentation" },
      element("a", { id: `${input.id}-${number}`, role: "option", href: result.href, tabindex: "-1", "aria-selected": "false" },
        element("span", { class: "wp-kind" }, kindOf(result)), element("strong", {}, result.title),
        element("span", {}, ...excerptOf(result.excerpt))))));
    const words = outcome(query, found);
    status.replaceChildren(found?.results.length
      ? element("a", { href: `${form.action}?q=${encodeURIComponent(query)}` }, `${texts().all}: ${words}`) : words);
    open(true);
  };
  const search = searcher(SHOWN, wait, show);

  input.addEventListener("focus", () => { if (input.value.trim()) search(input.value.trim()); });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(input.value.trim()), PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const count = options().length;
      if (panel.hidden || !count) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? current + 1 : current < 0 ? count - 1 : current - 1;
      choose((step + count) % count);
    } else if (event.key === "Escape" && !panel.hidden) {
      event.preventDefault(); // the first one closes, the next one clears
      open(false);
    } else if (event.key === "Enter" && current >= 0 && !panel.hidden) {
      event.preventDefault();
      options()[current].click();
    }
  });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) open(false); });
  warmUp();
  if (input.value.trim()) search(input.value.trim());
}
