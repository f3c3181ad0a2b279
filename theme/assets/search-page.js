import { element } from "./dom.js";
import { excerptOf, kindOf, outcome, searcher } from "./find.js";
import { texts } from "./texts.js";

/** @typedef {import("./find.js").Found} Found */

const SHOWN = 30;
const PAUSE = 150; // ms without a key before a search starts

/**
 * The results page: the query stands in the address, so that it can be shared; going back and reloading restore the place.
 * @param {HTMLInputElement} input
 * @param {HTMLElement} holder names the search engine, where there is one (docs/opensearch.md)
 */
export function enhanceSearchPage(input, holder) {
  const status = element("p", { role: "status" });
  const list = element("ul", { class: "wp-entries" });
  const sections = document.querySelector("[data-wp-sections]");
  let timer = 0;
  let place = history.state?.scroll ?? 0;
  holder.append(status, list);

  /** @param {string} query @param {Found | null} found */
  const show = (query, found) => {
    holder.setAttribute("aria-busy", "false");
    status.textContent = query ? outcome(query, found) : "";
    sections?.toggleAttribute("hidden", Boolean(found?.results.length));
    list.replaceChildren(...(found?.results ?? []).map((result) => element("li", { class: "wp-entry" },
      element("div", { class: "wp-entry__head wp-kind" }, kindOf(result)),
      element("h2", { class: "wp-entry__title" }, element("a", { href: result.href }, result.title)),
      element("p", { class: "wp-entry__summary" }, ...excerptOf(result.excerpt)))));
    if (place) scrollTo(0, place);
    place = 0;
  };
  const search = searcher(SHOWN, () => { status.textContent = texts().searching ?? ""; }, show, engineOf(holder));
  const start = () => {
    const query = input.value.trim();
    holder.setAttribute("aria-busy", "true");
    const address = new URL(location.href);
    if (query) address.searchParams.set("q", query);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    return search(query);
  };
  const asked = new URLSearchParams(location.search).get("q") ?? "";
  const early = input.value !== asked && input.value; // typed before this script had arrived
  input.value = early || asked;
  if (input.value) sections?.setAttribute("hidden", "");
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(start, PAUSE);
  });
  input.form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); start(); });
  addEventListener("pagehide", () => history.replaceState({ scroll: scrollY }, ""));
  if (early) start();
  else search(input.value.trim());
}

/**
 * Asks the search engine that the page names; undefined where it names none. @param {HTMLElement} holder
 * @returns {((query: string, limit: number, signal: AbortSignal) => Promise<Found>) | undefined}
 */
function engineOf({ dataset: { endpoint, fields } }) {
  if (!endpoint) return undefined;
  const asker = import("./opensearch.js").then((module) => module.asker(endpoint, fields.split(" ")));
  return async (...question) => (await asker)(...question);
}
