// What is known already of a case in preparation: records that affect its release, answers to its title, entitlement of its unit.
import { element } from "./dom.js";
import { prIndex } from "./pr-open.js";
import { nearest } from "./pr-query.js";
import { entry } from "./pr-shown.js";
import { say, texts } from "./texts.js";

const SHOWN = 5; // records offered

/** A product with its releases and platforms, by its id. @param {string} id @returns {Promise<any>} */
export async function catalogued(id) {
  return (await (await prIndex()).options()).products.find((product) => product.id === id);
}

/**
 * The advisories and reports that affect a release, the most severe first. Without `known` there is no such release, but perhaps
 * the one in `guess`.
 * @param {string} id of the product
 * @param {string} release
 * @param {string} platform its id or a name
 * @returns {Promise<{known: boolean, guess: string, total: number, items: HTMLElement[], filters: URLSearchParams} | null>}
 */
export async function affecting(id, release, platform) {
  const product = await catalogued(id);
  if (!product) return null;
  const same = (/** @type {string} */ name) => name.toLowerCase() === release.toLowerCase();
  const known = product.releases.find((one) => same(one.id));
  const names = product.releases.map((one) => one.id);
  if (!known) return { known: false, guess: nearest(release, names), total: 0, items: [], filters: new URLSearchParams() };
  const own = product.platforms.find((one) => [one.id, one.name, ...Object.values(one.names ?? {})].some((name) => name.toLowerCase() === platform.toLowerCase()));
  const asked = [["product", product.id], ["affects", known.id], ...(own ? [["platform", own.id]] : [])];
  const index = await prIndex();
  const filters = [...asked.map(([name, value]) => ({ name, values: [value] })), { name: "kind", values: ["advisory", "report"] }];
  const { ordinals } = await index.search("", filters, { sort: "severity" });
  const cards = await index.cards(ordinals.slice(0, SHOWN));
  return { known: true, guess: "", total: ordinals.length, filters: new URLSearchParams(asked),
    items: cards.map((card) => solving(entry(card, { heading: "h4", short: true }))) };
}

/**
 * What the search of the portal finds, best first, each once.
 * @param {string} query
 * @param {string} product its id, or empty
 * @returns {Promise<import("./find.js").Result[]>}
 */
export async function likely(query, product) {
  const { find } = await import("./find.js");
  const { jump, groups } = await find(query, { limit: SHOWN, product, facets: false });
  const ranked = groups.flatMap(({ results }) => results).sort((a, b) => b.score - a.score);
  return [...(jump ? [jump] : []), ...ranked.filter(({ href }) => href !== jump?.href)].slice(0, SHOWN);
}

/** The same as entries of a list. @param {string} query @param {string} product @returns {Promise<HTMLElement[]>} */
export async function answersTo(query, product) {
  const { lang } = document.documentElement;
  return (await likely(query, product)).map((result) => solving(element("li", { class: "wp-entry" },
    element("div", { class: "wp-entry__head wp-kind" }, [result.id, texts()[result.kind]].filter(Boolean).join(" · ")),
    element("h4", { class: "wp-entry__title" },
      element("a", { href: result.href, ...(result.language && result.language !== lang ? { lang: result.language } : {}) }, result.title)))));
}

/** An entry, opened beside the form, with the button that ends the preparation. @param {HTMLElement} item */
function solving(item) {
  for (const link of item.querySelectorAll("a")) Object.assign(link, { target: "_blank", rel: "noopener" });
  item.append(element("p", { class: "wp-entry__more" }, element("button", { type: "button", class: "wp-button", "data-wp-solved": "" }, say("solved"))));
  return item;
}

/**
 * What a unit is entitled to, from the sealed table; null where the browser cannot open it here.
 * @param {import("./entitlement-shown.js").Facts} facts
 * @param {Record<string, string>} values of the key fields
 * @returns {Promise<{card: HTMLElement, plan: string} | null>}
 */
export async function coverageOf(facts, values) {
  const [{ canOpen, open }, { answer, card }, { todayIn }] = await Promise.all([
    import("./seal.js"), import("./entitlement-shown.js"), import("./coverage.js")]);
  if (!canOpen()) return null;
  const row = await open(facts.table, values);
  const today = todayIn(facts.zone);
  const shown = card(answer(values.serial, row, facts, today), facts, today);
  for (const link of shown.querySelectorAll(".wp-steps a")) if (link.pathname === location.pathname) link.closest("li").remove(); // leads here
  return { card: shown, plan: row?.plan ?? "" };
}
