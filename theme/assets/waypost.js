// Progressive enhancement: every page reads without it. What serves the search is loaded when somebody searches.
import { enhanceCopying } from "./copy.js";
import { enhanceDrawer } from "./drawer.js";

enhanceCopying(document);
enhanceDrawer(document);
for (const input of document.querySelectorAll("input[data-wp-search]")) {
  const results = input.id === "wp-page-q" ? document.querySelector("[data-wp-results]") : null;
  if (results) import("./search-page.js").then((module) => module.enhanceSearchPage(input, results));
  else enhanceOnUse(input);
}
const reports = document.querySelector("[data-wp-reports]");
if (reports) import("./pr-page.js").then((module) => module.enhanceReports(reports));
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
if (entitlement) import("./entitlement-page.js").then((module) => module.enhanceEntitlement(entitlement));
if (document.querySelector(".wp-policy")) import("./policy-page.js").then((module) => module.enhancePolicy());

/** @param {HTMLInputElement} input */
function enhanceOnUse(input) {
  const events = ["focus", "pointerdown", "input"];
  const enhance = () => {
    events.forEach((name) => input.removeEventListener(name, enhance));
    import("./search-box.js").then((module) => module.enhanceSearchBox(input));
  };
  events.forEach((name) => input.addEventListener(name, enhance));
}
