/**
 * The drawer of small screens is a check box with styles. For the keyboard: opening leads into it, Escape and leaving close it.
 * @param {Document} page
 */
export function enhanceDrawer(page) {
  const drawer = page.getElementById("__drawer");
  const nav = page.querySelector(".wp-nav");
  if (!(drawer instanceof HTMLInputElement) || !nav) return;
  const close = () => {
    drawer.checked = false;
    drawer.dispatchEvent(new Event("change"));
  };
  drawer.addEventListener("change", () => {
    if (drawer.checked && page.activeElement === drawer) nav.querySelector("a")?.focus();
  });
  nav.addEventListener("focusout", (event) => {
    if (drawer.checked && event.relatedTarget instanceof Element && !nav.contains(event.relatedTarget)) close();
  });
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drawer.checked) return;
    drawer.focus();
    close();
  });
}
