let known; // they do not change

/**
 * Interface texts, which pages bring along in template elements: those of the search form, and those of the page's own scripts.
 * @returns {Record<string, string>} texts by name, in the page's language
 */
export function texts() {
  known ??= Object.assign({}, ...[...document.querySelectorAll("template[data-wp-texts]")].map((holder) => holder.dataset));
  return known;
}

/**
 * A text with its `{named}` values put in.
 * @param {string} name of the text
 * @param {Record<string, string | number>} values
 */
export function say(name, values = {}) {
  return (texts()[name] ?? "").replace(/\{(\w+)\}/g, (written, key) => {
    const value = values[key];
    return typeof value === "number" ? value.toLocaleString(document.documentElement.lang) : value ?? written;
  });
}

/**
 * A text about a number in the page language's plural form; `name` is what the names of its forms begin with.
 * @param {string} name
 * @param {number} count
 * @param {Record<string, string | number>} values
 */
export function sayMany(name, count, values = {}) {
  const form = new Intl.PluralRules(document.documentElement.lang).select(count);
  const chosen = name + (form === "one" || form === "few" ? form : "many").replace(/^./, (letter) => (name ? letter.toUpperCase() : letter));
  return say(chosen, { ...values, count });
}

/**
 * A number of results in words.
 * @param {number} count
 */
export function resultCount(count) {
  return sayMany("", count);
}
