// Progressive enhancement: every page reads without it. What serves the search is loaded when somebody searches.
import { enhanceCopying } from "./copy.js";
import { enhanceDrawer } from "./drawer.js";

enhanceCopying(document);
enhanceDrawer(document);
for (const input of document.querySelectorAll("input[data-wp-search]")) {
  const results = input.id === "wp-page-q" ? document.querySelector("[data-wp-results]") : null;
  enhanceOnUse(input, results ? () => import("./search-page.js").then((module) => module.enhanceSearchPage(input, results))
    : () => import("./search-box.js").then((module) => module.enhanceSearchBox(input)), Boolean(results && location.search));
}
const reports = document.querySelector("[data-wp-reports]");
if (reports) import("./pr-page.js").then((module) => module.enhanceReports(reports));
document.addEventListener("keydown", searchByKey);
const compared = document.querySelector("form#wp-compare");
if (compared) import("./compare-page.js").then((module) => module.enhanceComparison(compared));
const feeds = document.querySelector("[data-wp-feeds]");
if (feeds) import("./feeds-page.js").then((module) => module.enhanceFeeds(feeds));
const prepared = document.querySelector("[data-wp-case]");
if (prepared) import("./case-page.js").then((module) => module.enhanceCase(prepared));
const feedback = document.querySelector("[data-wp-feedback]");
if (feedback) import("./feedback.js").then((module) => module.enhanceFeedback(feedback));
const dated = document.querySelector("[data-wp-lifecycle]");
if (dated) import("./lifecycle.js").then((module) => module.enhanceLifecycle(dated));
const checker = document.querySelector("form[data-wp-checker]");
if (checker) import("./affected.js").then((module) => module.enhanceChecker(checker));
const entitlement = document.querySelector("[data-wp-entitlement]");
const cases = document.querySelector("[data-wp-cases]");
if (cases) import("./cases-page.js").then((module) => module.enhanceCases(cases));
const network = document.querySelector("[data-wp-network]");
if (network) import("./network-page.js").then((module) => module.enhanceNetwork(network));
if (entitlement) import("./entitlement-page.js").then((module) => module.enhanceEntitlement(entitlement));
const logs = document.querySelector("[data-wp-match]");
if (logs) import("./log-match.js").then((module) => module.enhanceLogMatch(logs));
if (document.querySelector(".wp-policy")) import("./policy-page.js").then((module) => module.enhancePolicy());

/**
 * A search box works when it is used: focused by somebody, not by the page. Who presses Enter before it works is not sent elsewhere.
 * @param {HTMLInputElement} input
 * @param {() => Promise<{submit: () => void}>} load makes it work
 * @param {boolean} now whether something has been asked already
 */
function enhanceOnUse(input, load, now) {
  const events = input.autofocus ? ["pointerdown", "input"] : ["focus", "pointerdown", "input"];
  let loaded; // promise of what works
  const enhance = () => {
    events.forEach((name) => input.removeEventListener(name, enhance));
    loaded ??= load().catch(() => ({ submit: () => input.form.submit() })).finally(() => input.form.removeEventListener("submit", submit));
    return loaded;
  };
  const submit = async (event) => {
    event.preventDefault();
    (await enhance()).submit();
  };
  events.forEach((name) => input.addEventListener(name, enhance));
  input.form.addEventListener("submit", submit);
  if (now || input.value) enhance();
}

/** The slash leads to the search box. @param {KeyboardEvent} event */
function searchByKey(event) {
  const typing = event.target instanceof HTMLElement && event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const boxes = ["main input[data-wp-search]", "#wp-pr-q", "#wp-q"].map((selector) => document.querySelector(selector));
  const box = boxes.find((input) => input?.checkVisibility());
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
}
