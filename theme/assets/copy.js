import { texts } from "./texts.js";

const SAID = 1600; // ms for which a button says that it has copied

/**
 * Shows the copy buttons and makes them work. `data-wp-copy` holds the text; `data-wp-copy-link` copies the page's address.
 * @param {Document} page
 */
export function enhanceCopying(page) {
  if (!navigator.clipboard) return; // not a secure context
  for (const button of page.querySelectorAll("[data-wp-copy], [data-wp-copy-link]")) {
    const label = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const address = page.querySelector("link[rel=canonical]")?.href ?? location.href;
      await navigator.clipboard.writeText(button.dataset.wpCopy ?? address);
      button.style.minWidth = `${button.offsetWidth}px`; // what stands beside it does not move
      button.textContent = texts().copied ?? label;
      setTimeout(() => { button.textContent = label; }, SAID);
    });
  }
}
