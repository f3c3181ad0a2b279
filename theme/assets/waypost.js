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
document.addEventListener("keydown", searchByKey);
enhancePart("[data-wp-reports]", () => import("./pr-page.js").then((module) => module.enhanceReports));
enhancePart("form#wp-compare", () => import("./compare-page.js").then((module) => module.enhanceComparison));
enhancePart("[data-wp-feeds]", () => import("./feeds-page.js").then((module) => module.enhanceFeeds));
enhancePart("[data-wp-case]", () => import("./case-page.js").then((module) => module.enhanceCase));
enhancePart("[data-wp-feedback]", () => import("./feedback.js").then((module) => module.enhanceFeedback));
enhancePart("[data-wp-lifecycle]", () => import("./lifecycle.js").then((module) => module.enhanceLifecycle));
enhancePart("form[data-wp-checker]", () => import("./affected.js").then((module) => module.enhanceChecker));
enhancePart("[data-wp-cases]", () => import("./cases-page.js").then((module) => module.enhanceCases));
enhancePart("[data-wp-network]", () => import("./network-page.js").then((module) => module.enhanceNetwork));
enhancePart("[data-wp-entitlement]", () => import("./entitlement-page.js").then((module) => module.enhanceEntitlement));
enhancePart("[data-wp-match]", () => import("./log-match.js").then((module) => module.enhanceLogMatch));
enhancePart(".wp-policy", () => import("./policy-page.js").then((module) => module.enhancePolicy));

/**
 * A part of the page works when its script has come; who sends a form of it before is answered then.
 * @param {string} selector
 * @param {() => Promise<(part: any) => void>} load what makes it work
 */
async function enhancePart(selector, load) {
  const part = document.querySelector(selector);
  if (!part) return;
  let early;
  const hold = (event) => {
    event.preventDefault();
    early = { form: event.target, button: event.submitter };
  };
  part.addEventListener("submit", hold);
  try {
    (await load())(part);
  } finally {
    part.removeEventListener("submit", hold);
    early?.form.requestSubmit(early.button); // where no script came, to the server, if the form is meant for it
  }
}

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
    const asked = input.value;
    const box = await enhance();
    if (input.value === asked) box.submit(); // else something else has been typed since
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
