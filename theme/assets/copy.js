import { texts } from "./texts.js";

/**
 * Shows the copy buttons and makes them work. `data-wp-copy` holds the text; `data-wp-copy-link` copies the page's address.
 * @param {Document} page
 */
export function enhanceCopying(page) {
  if (!navigator.clipboard) return; // not a secure context
  for (const button of page.querySelectorAll("[data-wp-copy], [data-wp-copy-link]")) {
    button.hidden = false;
    const label = button.textContent;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const canonical = page.querySelector("link[rel=canonical]");
      await navigator.clipboard.writeText(button.dataset.wpCopy ?? canonical?.href ?? location.href);
      button.textContent = texts().copied ?? label;
      setTimeout(() => { button.textContent = label; }, 1600);
    });
  }
}
