import { languageRoot } from "./dom.js";

/** @typedef {{href: string, title: string, kind: string, id: string, excerpt: string}} Result `excerpt` is HTML of Pagefind */

let table; // promise of {name: [address, title]}, as generator/machine.py writes it

async function names() {
  table ??= fetch(new URL("search/names.json", languageRoot())).then((answer) => (answer.ok ? answer.json() : {}));
  return table;
}

/**
 * Records that a query names: a record's number, a CVE id, a release, another name. Case, spaces and `PR` do not matter.
 * @param {string} query
 * @returns {Promise<Result[]>}
 */
export async function byName(query) {
  const name = query.replace(/\s+/g, "").toUpperCase().replace(/^PR[-#]?(?=\d+$)/, "");
  if (name.length < 3 || name.length > 60) return [];
  const known = await names().catch(() => ({}));
  if (Object.hasOwn(known, name)) {
    const [address, title] = known[name];
    const kind = { advisories: "advisory", notices: "notice", bulletins: "bulletin", pr: "report", kb: "article" }[address.split("/")[0]];
    return [{ href: new URL(address, languageRoot()).href, title, kind: kind ?? "release", id: name, excerpt: "" }];
  }
  const place = /^\d{3,9}$/.test(name) ? `pr/${name}/` : /^KB\d{5,9}$/.test(name) ? `kb/${name}/` : "";
  return place ? page(new URL(place, languageRoot()).href, name, place.startsWith("pr") ? "report" : "article") : [];
}

/** The page at an address whose form is known, where there is one. */
async function page(href, id, kind) {
  try {
    const answer = await fetch(href);
    if (!answer.ok) return [];
    const read = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [{ href, title: read.querySelector("h1")?.textContent ?? id, kind, id, excerpt: "" }];
  } catch {
    return [];
  }
}

/** What a query names. @param {string} query */
export async function lookUp(query) {
  const [jump = null] = await byName(query);
  return { jump, unknown: null };
}
