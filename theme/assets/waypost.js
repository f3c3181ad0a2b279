// Progressive enhancement: every page reads without it.
import { enhanceCopying } from "./copy.js";
import { enhanceDrawer } from "./drawer.js";
import { enhanceSearchBox } from "./search-box.js";
import { enhanceSearchPage } from "./search-page.js";

enhanceCopying(document);
enhanceDrawer(document);
for (const input of document.querySelectorAll("input[data-wp-search]")) {
  const holder = input.id === "wp-page-q" ? document.querySelector("[data-wp-results]") : null;
  if (holder) enhanceSearchPage(input, holder);
  else enhanceSearchBox(input);
}
