/**
 * Interface texts, which the page brings along in the search form's template element.
 * @returns {DOMStringMap} texts by name, in the page's language
 */
export function texts() {
  const holder = document.querySelector("template[data-wp-texts]");
  return holder instanceof HTMLElement ? holder.dataset : {};
}

/**
 * A number of results in words, with the page language's plural form.
 * @param {number} count
 * @returns {string}
 */
export function resultCount(count) {
  const said = texts();
  const language = document.documentElement.lang;
  const form = new Intl.PluralRules(language).select(count);
  const pattern = { one: said.one, few: said.few }[form] ?? said.many ?? "{count}";
  return pattern.replace("{count}", count.toLocaleString(language));
}
