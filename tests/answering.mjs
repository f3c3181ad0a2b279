// Answers calls of the browser's modules: each line of input is a JSON list of a function's name and its arguments.
import { createInterface } from "node:readline";

/** A module in theme/assets. @param {string} name */
export const own = (name) => import(new URL(`../theme/assets/${name}`, import.meta.url));

/** Answers until the input ends. @param {Record<string, (...values: any[]) => any>} functions */
export async function answer(functions) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...values] = JSON.parse(line);
    try {
      console.log(JSON.stringify({ value: (await functions[name](...values)) ?? null }));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error?.stack ?? error) }));
    }
  }
}
