// What looks confidential in a case, shown before it leaves the page and replaced where the reader wants that.
import { element } from "./dom.js";
import { redact, secretsIn } from "./redact.js";
import { say } from "./texts.js";

const PREVIEWED = 12; // secrets shown
const CONTEXT = 24; // characters around a secret

/** Shows what looks confidential in both texts, by kind. @param {HTMLFormElement} form */
export function showSecrets(form) {
  const { description, data } = form.elements;
  const section = form.querySelector("[data-wp-secrets]");
  const all = [description.value, data.value].flatMap((text) => secretsIn(text).map((mark) => ({ ...mark, text })));
  section.hidden = !all.length;
  if (!all.length) return;
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  const unticked = new Set([...section.querySelectorAll("input:not(:checked)")].map((box) => box.value));
  section.querySelector("[data-wp-count]").textContent = say("secrets");
  section.querySelector("[data-wp-kinds]").replaceChildren(...kinds.map((kind) => element("label", {},
    element("input", { type: "checkbox", value: kind, ...(unticked.has(kind) ? {} : { checked: "" }) }),
    " ", say(`secret${kind[0].toUpperCase()}${kind.slice(1)}`, { count: all.filter((one) => one.kind === kind).length }))));
  section.querySelector("[data-wp-preview]").replaceChildren(...all.slice(0, PREVIEWED).flatMap(({ start, end, text }) => [
    "… ", text.slice(Math.max(0, start - CONTEXT), start), element("mark", {}, text.slice(start, Math.min(end, start + 60))),
    text.slice(end, end + CONTEXT), " …", element("br", {})]));
}

/** Replaces the kinds that are ticked, in both texts. @param {HTMLFormElement} form */
export function replaceSecrets(form) {
  const kinds = new Set([...form.querySelectorAll("[data-wp-secrets] input:checked")].map((box) => box.value));
  const { description, data } = form.elements;
  const mark = "\u0000"; // both at once, so that an address has one name in both
  const [first, second] = redact(`${description.value}${mark}${data.value}`, kinds).split(mark);
  [description.value, data.value] = [first, second ?? ""];
  showSecrets(form);
  data.focus();
}

/** A text with what looks confidential marked. @param {string} text @returns {(string | HTMLElement)[]} */
export function marked(text) {
  const parts = [];
  let done = 0;
  for (const { start, end } of secretsIn(text)) {
    parts.push(text.slice(done, start), element("mark", {}, text.slice(start, end)));
    done = end;
  }
  return [...parts, text.slice(done)];
}
