/**
 * An element with attributes and content.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} content
 */
export function element(name, attributes, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

/** Root of the tree of the page's language, from the header search form's action. */
export function languageRoot() {
  const form = document.querySelector("form.wp-search");
  return new URL("..", form.action).href;
}

/**
 * Where a plain click on a link to this page, with another query, is to lead: that query; the browser is kept from going there.
 * Empty for any other click.
 * @param {MouseEvent} event
 */
export function takenQuery(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return "";
  const address = new URL(link.href);
  if (address.origin + address.pathname !== location.origin + location.pathname || !address.search) return "";
  event.preventDefault();
  return address.search;
}

/** A text as HTML. @param {string} text */
export function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
