// Bars as generator/charts.py draws them: fills that differ without colour, each bar with its number. The page has the patterns.
import { element } from "./dom.js";

const SPACE = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LABEL, END] = [400, 26, 130, 44]; // units: all, a bar, what stands before it and behind
const FILLS = ["currentColor", "url(#wp-fill-1)", "url(#wp-fill-2)", "url(#wp-fill-3)", "none", "none"];
const LONGEST = 15; // letters of a label

/** @typedef {{label: string, values: number[]}} Bar its values by place in the fills */

/** @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} content */
function drawn(name, attributes, ...content) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...content);
  return made;
}

/**
 * Stacked bars from the top down.
 * @param {string} id unique in the page
 * @param {Bar[]} bars
 * @param {string} title
 * @param {string} description
 */
export function chart(id, bars, title, description) {
  const most = Math.max(1, ...bars.map(({ values }) => sum(values)));
  const scale = (WIDTH - LABEL - END) / most;
  const lines = bars.flatMap(({ label, values }, at) => {
    const y = at * HEIGHT + 5;
    let x = LABEL;
    const parts = values.flatMap((value, place) => {
      if (!value) return [];
      const width = Math.max(value * scale, 1.5);
      x += width;
      return [drawn("rect", { class: `wp-fill wp-fill--${place}`, x: (x - width).toFixed(1), y, width: width.toFixed(1), height: HEIGHT - 10, fill: FILLS[place] })];
    });
    const short = label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label;
    return [drawn("g", { class: "wp-chart__y" }, drawn("text", { x: LABEL - 6, y: y + 12 }, short)), ...parts,
      drawn("text", { x: (x + 6).toFixed(1), y: y + 12 }, sum(values).toLocaleString(document.documentElement.lang))];
  });
  return drawn("svg", { class: "wp-chart", role: "img", "aria-labelledby": `${id}-t`, "aria-describedby": `${id}-d`, viewBox: `0 0 ${WIDTH} ${bars.length * HEIGHT + 4}` },
    drawn("title", { id: `${id}-t` }, title), drawn("desc", { id: `${id}-d` }, description), ...lines);
}

/** The numbers of a chart. @param {string[]} head @param {Bar[]} bars @param {string} caption */
export function numbers(head, bars, caption) {
  const row = ({ label, values }) => element("tr", {}, element("th", { scope: "row" }, label), ...values.map((value) => element("td", { class: "wp-right" }, value.toLocaleString(document.documentElement.lang))));
  return element("table", { class: "wp-table" }, element("caption", { class: "wp-visually-hidden" }, caption),
    element("thead", {}, element("tr", {}, ...head.map((text, at) => element("th", { scope: "col", ...(at ? { class: "wp-right" } : {}) }, text)))),
    element("tbody", {}, ...bars.map(row)));
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
