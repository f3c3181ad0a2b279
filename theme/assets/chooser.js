// A table of services by plan: readers tick the rows that they need and are told which columns have all of them.
import { element } from "./dom.js";
import { say, texts } from "./texts.js";

/** @param {HTMLTableElement} table */
export function enhanceChooser(table) {
  const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows];
  const status = element("p", { role: "status", class: "wp-chooser" }, texts().tick);
  const boxes = rows.map((row) => {
    const head = row.cells[0];
    const box = element("input", { type: "checkbox", autocomplete: "off" });
    const label = element("label", { class: "wp-chooser__row" }, box, element("span", {}, ...head.childNodes));
    head.replaceChildren(label);
    return box;
  });

  function choose() {
    const wanted = rows.filter((_, place) => boxes[place].checked);
    const marks = names.map((_, column) => wanted.map((row) => row.cells[column + 1].dataset.mark));
    const fits = names.filter((_, column) => wanted.length && marks[column].every((mark) => mark === "yes"));
    const extra = names.filter((name, column) => wanted.length && !fits.includes(name) && marks[column].every((mark) => mark !== "no"));
    for (const row of table.rows) {
      [...row.cells].slice(1).forEach((cell, column) => cell.classList.toggle("wp-fits", fits.includes(names[column])));
    }
    const said = [fits.length ? say("fits", { names: fits.join(", ") }) : "", extra.length ? say("fitsExtra", { names: extra.join(", ") }) : ""];
    status.textContent = !wanted.length ? texts().tick : said.some(Boolean) ? said.filter(Boolean).join(" ") : texts().fitsNone;
  }

  const box = table.closest(".wp-scroll");
  box.before(element("p", {}, table.dataset.wpChooser));
  box.after(status);
  table.addEventListener("change", choose);
  choose();
}
