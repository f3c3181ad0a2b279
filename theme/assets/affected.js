import { element } from "./dom.js";
import { compareKeys, parseRelease } from "./release-key.js";
import { say } from "./texts.js";

/**
 * What generator/pages/checker.py writes.
 * @typedef {[number[], "a" | "f" | "n" | "u", number]} Step first key, status, number of the reason
 * @typedef {{id: string, name: string, scheme: string, example: string, platforms: [string, string, number][], any: number, steps: Step[][]}} Product
 * @typedef {{reasons: string[], products: Product[]}} Verdicts
 */

/**
 * What a bulletin says of a release; null where the text names none.
 * @param {Verdicts} verdicts
 * @param {Product} product
 * @param {string} text
 * @param {string} platform id, empty for all platforms
 */
export function verdictOn(verdicts, product, text, platform) {
  const release = parseRelease(text, product.scheme);
  if (!release) return null;
  const steps = product.steps[product.platforms.find(([id]) => id === platform)?.[2] ?? product.any];
  const [, status, reason] = steps.findLast(([first]) => compareKeys(first, release.key) <= 0);
  return { release: release.text, status, reason: verdicts.reasons[reason] };
}

/** "Is my release affected?" @param {HTMLFormElement} form */
export function enhanceChecker(form) {
  /** @type {Verdicts} */
  const verdicts = JSON.parse(document.querySelector("[data-wp-verdicts]").textContent);
  const { product, release, platform } = form.elements;
  const answer = form.querySelector("[role=status]");
  const chips = [...document.querySelectorAll(".wp-affected .wp-release")];
  const chosen = () => verdicts.products.find((one) => one.id === product.value);

  function offer() {
    const { platforms, scheme, example } = chosen();
    platform.replaceChildren(platform.options[0], ...platforms.map(([id, name]) => element("option", { value: id }, name)));
    platform.value = "";
    platform.parentElement.hidden = !platforms.length;
    release.placeholder = example;
    const names = new Map(chips.map((chip) => [chip.textContent, parseRelease(chip.textContent, scheme)]).filter(([, known]) => known));
    const known = [...names].sort(([, a], [, b]) => compareKeys(b.key, a.key)).map(([name]) => name);
    form.querySelector("datalist").replaceChildren(...known.map((name) => element("option", { value: name })));
  }

  function check() {
    const text = release.value.trim();
    const found = text ? verdictOn(verdicts, chosen(), text, platform.value) : null;
    const words = found ? say(`answer${found.status.toUpperCase()}`, found) : text ? say("noRelease", { text, product: chosen().name, example: chosen().example }) : "";
    if (answer.textContent !== words) answer.textContent = words;
    answer.dataset.status = found?.status ?? "";
    release.setAttribute("aria-invalid", String(Boolean(text && !found)));
    for (const chip of chips) chip.classList.toggle("wp-release--asked", chip.textContent === found?.release);
    const address = new URL(location.href);
    for (const [name, value] of Object.entries({ release: found ? text : "", platform: platform.value, product: verdicts.products.length > 1 ? product.value : "" })) {
      if (found && value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  const asked = new URLSearchParams(location.search);
  product.replaceChildren(...verdicts.products.map((one) => element("option", { value: one.id }, one.name)));
  product.parentElement.hidden = verdicts.products.length < 2;
  if (verdicts.products.some((one) => one.id === asked.get("product"))) product.value = asked.get("product");
  offer();
  release.value = asked.get("release") ?? "";
  if (chosen().platforms.some(([id]) => id === asked.get("platform"))) platform.value = asked.get("platform");
  if (release.value) check();
  product.addEventListener("change", offer);
  form.addEventListener("change", check);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  form.hidden = false;
}
