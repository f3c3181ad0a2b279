import { element } from "./dom.js";
import { figure, KINDS, plural } from "./found.js";
import { texts } from "./texts.js";
import { writeState, FIRST } from "./search-state.js";

/** @typedef {import("./find.js").Found} Found */
/** @typedef {import("./search-state.js").State} State */

/** What narrows a search down, each with the number of results that it would leave: kinds, products, releases. */
export class Filters {
  /**
   * @param {HTMLElement} panel
   * @param {(change: Partial<State>) => void} onChange
   */
  constructor(panel, onChange) {
    this.panel = panel;
    this.kinds = panel.querySelector("ul");
    this.selects = [...panel.querySelectorAll("select")];
    this.all = new Map(this.selects.map((select) => [select.name, select.options[0].textContent]));
    panel.addEventListener("change", ({ target }) => { if (this.selects.includes(target)) onChange({ [target.name]: target.value }); });
  }

  /** What a product is called. @param {string} id */
  productName(id) {
    return this.products?.get(id) ?? id;
  }

  /**
   * Nothing is shown where nothing was found and nothing is chosen.
   * @param {State} state
   * @param {Found | null} found
   */
  show(state, found) {
    const facets = found?.facets ?? { kind: [], product: [], release: [] };
    const counts = new Map(facets.kind);
    this.products = new Map(facets.product.map(([id, label]) => [id, label]));
    const focused = document.activeElement instanceof HTMLAnchorElement && this.kinds.contains(document.activeElement)
      ? document.activeElement.dataset.kind : undefined;
    const kinds = [...KINDS, ...[...counts.keys(), ...state.kind].filter((kind) => !KINDS.includes(kind))];
    const sum = [...counts.values()].reduce((all, count) => all + count, 0);
    this.kinds.replaceChildren(kindItem(state, "", texts().every ?? "", sum), ...[...new Set(kinds)].map((kind) => kindItem(state, kind, plural(kind), counts.get(kind) ?? 0)));
    if (focused !== undefined) this.kinds.querySelector(`[data-kind="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    this.#fill("product", facets.product, state.product);
    this.#fill("release", facets.release.map(([id, count]) => [id, id, count]), state.release);
    this.panel.hidden = !found || !(sum || found.total || state.kind.length || state.product || state.release);
  }

  /** @param {string} name @param {[string, string, number][]} values @param {string} chosen */
  #fill(name, values, chosen) {
    const select = this.selects.find((one) => one.name === name);
    if (!select) return;
    const known = chosen && !values.some(([id]) => id === chosen) ? [[chosen, chosen, 0], ...values] : values;
    select.replaceChildren(element("option", { value: "" }, this.all.get(name) ?? ""),
      ...known.map(([id, label, count]) => element("option", { value: id }, `${label} (${figure(count)})`)));
    select.value = chosen;
    select.closest("label").hidden = !known.length;
  }
}

/** @param {State} state @param {string} kind empty for all @param {string} title @param {number} count */
function kindItem(state, kind, title, count) {
  const current = kind ? state.kind.includes(kind) : !state.kind.length;
  const link = element("a", { href: writeState({ ...state, kind: kind ? [kind] : [], show: FIRST }), "data-kind": kind, ...(current ? { "aria-current": "true" } : {}) }, title);
  return element("li", count || current ? {} : { class: "wp-zero" }, count || current ? link : element("span", {}, title), " ",
    element("span", { class: "wp-count" }, figure(count)));
}
