import { download } from "./csv.js";
import { element } from "./dom.js";
import { say } from "./texts.js";

/**
 * The subscribe page: topics are ticked, and their addresses and one OPML file for a feed reader are handed out.
 * @param {HTMLElement} page
 */
export function enhanceFeeds(page) {
  const form = page.querySelector("form");
  const rows = [...page.querySelectorAll("[data-wp-topic]")];
  const status = form.querySelector("[data-wp-status]");
  const list = form.querySelector("[data-wp-chosen]");
  const buttons = form.querySelectorAll("button");
  const groups = [...page.querySelectorAll("details")].map((group) => ({ group, open: group.open }));
  let finding = false;

  /** @returns {{title: string, href: string}[]} */
  const chosen = () => rows.filter((row) => row.querySelector("input").checked).map((row) => ({
    title: row.dataset.wpTopic,
    href: row.querySelector(`[data-wp-view="${form.view.value}"] [data-wp-format="${form.format.value}"]`).href,
  }));

  const show = () => {
    const feeds = chosen();
    status.textContent = feeds.length ? say("chosen", { count: feeds.length }) : say("pick");
    list.replaceChildren(...feeds.map(({ title, href }) => element("li", {}, `${title}: `, element("a", { href }, href))));
    list.hidden = !feeds.length;
    for (const button of buttons) button.disabled = !feeds.length;
  };

  const find = () => {
    const words = form.find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of rows) {
      const heading = row.closest("details").querySelector("summary").textContent;
      const text = `${heading} ${row.dataset.wpTopic}`.toLocaleLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) found += 1;
    }
    if (words.length && !finding) for (const known of groups) known.open = known.group.open;
    finding = words.length > 0;
    for (const { group, open } of groups) {
      const shown = [...group.querySelectorAll("[data-wp-topic]")].some((row) => !row.hidden);
      group.hidden = !shown;
      group.open = finding ? shown : open;
      for (const part of group.querySelectorAll("ul")) {
        const empty = ![...part.children].some((row) => !row.hidden);
        part.hidden = empty;
        if (part.previousElementSibling?.tagName === "H3") part.previousElementSibling.hidden = empty;
      }
    }
    if (found) show();
    else status.textContent = say("noneFound");
  };

  page.addEventListener("change", (event) => { if (event.target !== form.find) show(); });
  form.find.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => {
    for (const row of rows) row.querySelector("input").checked = false;
    find();
    show();
  }));
  form.querySelector("[data-wp-opml]").addEventListener("click", () => {
    download("feeds.opml", opml(page.dataset.portal, chosen()), "text/x-opml;charset=utf-8");
  });
  show();
}

/**
 * Feeds for a feed reader (OPML 2.0).
 * @param {string} portal
 * @param {{title: string, href: string}[]} feeds
 */
export function opml(portal, feeds) {
  const file = document.implementation.createDocument(null, "opml");
  const add = (parent, name, attributes = {}, text = "") => {
    const made = parent.appendChild(file.createElement(name));
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };
  file.documentElement.setAttribute("version", "2.0");
  add(add(file.documentElement, "head"), "title", {}, portal);
  const body = add(file.documentElement, "body");
  for (const { title, href } of feeds) {
    const text = `${portal}: ${title}`;
    add(body, "outline", { type: "rss", text, title: text, xmlUrl: href });
  }
  return `<?xml version="1.0" encoding="utf-8"?>\n${new XMLSerializer().serializeToString(file)}\n`;
}
