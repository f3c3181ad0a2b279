import { byName } from "./names.js";
import { resultCount, texts } from "./texts.js";

/** @typedef {import("./names.js").Result} Result */

const SHOWN = 8;
const PAUSE = 150; // ms without a key before a search starts

let engine; // the Pagefind module, loaded when a search box is first used

/** @returns {Promise<any>} */
async function pagefind() {
  if (!engine) {
    const loading = import(new URL("../pagefind/pagefind.js", import.meta.url).href);
    engine = loading.then(async (module) => { await module.init(); return module; });
    engine.catch(() => { engine = undefined; });
  }
  return engine;
}

/**
 * Finds records by name and pages by words.
 * @param {string} query
 * @param {number} limit
 * @returns {Promise<{total: number, results: Result[]}>}
 */
async function find(query, limit) {
  const [named, found] = await Promise.all([byName(query), pagefind().then((module) => module.search(query))]);
  const pages = await Promise.all(found.results.slice(0, limit).map((result) => result.data()));
  const results = pages.map((page) => ({
    href: page.url, title: page.meta.title ?? page.url, kind: page.meta.kind ?? "", id: page.meta.id ?? "", excerpt: page.excerpt,
  }));
  const taken = new Set(named.map((result) => new URL(result.href, location.href).pathname));
  const others = results.filter((result) => !taken.has(new URL(result.href, location.href).pathname));
  return { total: found.results.length + named.length - (results.length - others.length), results: [...named, ...others].slice(0, limit) };
}

/**
 * @param {Document} page
 */
export function enhanceSearch(page) {
  for (const input of page.querySelectorAll("input[data-wp-search]")) {
    const results = input.id === "wp-page-q" ? page.querySelector("[data-wp-results]") : null;
    if (results) resultsPage(input, results);
    else dropdown(input);
  }
}

/** @param {Result} result @param {string} [id] */
function item(result, id) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = result.href;
  if (id) { link.id = id; row.setAttribute("role", "presentation"); link.setAttribute("role", "option"); }
  const kind = document.createElement("span");
  kind.className = "wp-kind";
  kind.textContent = [result.id, texts()[result.kind]].filter(Boolean).join(" · ");
  const title = document.createElement("strong");
  title.textContent = result.title;
  const excerpt = document.createElement("span");
  excerpt.append(...marked(result.excerpt));
  link.append(kind, title, excerpt);
  row.append(link);
  return row;
}

/**
 * An excerpt's text with its marks; nothing else of its HTML is taken over.
 * @param {string} html
 */
function marked(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return [...parsed.body.childNodes].map((node) => {
    if (node.nodeName !== "MARK") return document.createTextNode(node.textContent ?? "");
    const mark = document.createElement("mark");
    mark.textContent = node.textContent;
    return mark;
  });
}

/** @param {string} text */
function line(text) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  return paragraph;
}

/**
 * Results under a search box, a list box in ARIA's terms: arrows choose, Enter opens, Escape closes.
 * @param {HTMLInputElement} input
 */
function dropdown(input) {
  const form = input.form;
  const panel = document.createElement("div");
  panel.className = "wp-results";
  panel.hidden = true;
  panel.id = `${input.id}-results`;
  form.append(panel);
  Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": panel.id, "aria-autocomplete": "list", autocomplete: "off" })
    .forEach(([name, value]) => input.setAttribute(name, value));
  let current = -1;
  let latest = 0;
  let timer = 0;

  const links = () => [...panel.querySelectorAll("[role=option]")];
  const close = () => { panel.hidden = true; current = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const choose = (position) => {
    const all = links();
    all[current]?.classList.remove("wp-active");
    all[current]?.removeAttribute("aria-selected");
    current = all.length ? (position + all.length) % all.length : -1;
    all[current]?.classList.add("wp-active");
    all[current]?.setAttribute("aria-selected", "true");
    all[current]?.scrollIntoView({ block: "nearest" });
    if (all[current]) input.setAttribute("aria-activedescendant", all[current].id);
  };
  const show = async () => {
    const query = input.value.trim();
    const turn = ++latest;
    if (!query) { close(); return; }
    let content;
    try {
      const { total, results } = await find(query, SHOWN);
      content = results.length ? listOf(results, total, query) : [line((texts().none ?? "").replace("{query}", query)), line(texts().hint ?? "")];
    } catch {
      content = [line(texts().failed ?? "")];
    }
    if (turn !== latest || document.activeElement !== input) return;
    panel.replaceChildren(...content);
    panel.hidden = false;
    current = -1;
    input.setAttribute("aria-expanded", "true");
  };
  const listOf = (results, total, query) => {
    const list = document.createElement("ul");
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", texts().results ?? "");
    list.append(...results.map((result, number) => item(result, `${input.id}-option-${number}`)));
    const all = document.createElement("p");
    const link = document.createElement("a");
    link.href = `${form.action}?q=${encodeURIComponent(query)}`;
    link.textContent = `${texts().all}: ${resultCount(total)}`;
    all.append(link);
    return [list, all];
  };

  input.addEventListener("focus", () => { pagefind().catch(() => {}); if (input.value.trim()) show(); });
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, PAUSE); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (panel.hidden) return;
      event.preventDefault();
      choose(current + (event.key === "ArrowDown" ? 1 : current < 0 ? 0 : -1));
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "Enter" && current >= 0 && !panel.hidden) {
      event.preventDefault();
      links()[current].click();
    }
  });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
}

/**
 * The results page: the query stands in the address, so that it can be shared and going back restores it.
 * @param {HTMLInputElement} input
 * @param {Element} holder
 */
function resultsPage(input, holder) {
  let latest = 0;
  let timer = 0;
  const show = async () => {
    const query = input.value.trim();
    const turn = ++latest;
    if (!query) { holder.replaceChildren(); return; }
    let content;
    try {
      const { total, results } = await find(query, 30);
      if (results.length) {
        const list = document.createElement("ul");
        list.append(...results.map((result) => item(result)));
        content = [line(resultCount(total)), list];
      } else {
        content = [line((texts().none ?? "").replace("{query}", query)), line(texts().hint ?? "")];
      }
    } catch {
      content = [line(texts().failed ?? "")];
    }
    if (turn !== latest) return;
    const box = document.createElement("div");
    box.className = "wp-results wp-found";
    box.append(...content);
    holder.replaceChildren(box);
  };
  const remember = () => {
    const address = new URL(location.href);
    if (input.value.trim()) address.searchParams.set("q", input.value.trim());
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
  };
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { remember(); show(); }, PAUSE); });
  input.form.addEventListener("submit", (event) => { event.preventDefault(); remember(); show(); });
  show();
}
