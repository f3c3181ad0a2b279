// Derives keys off the main thread: is sent the settings of a table, then texts, and answers them in their order.
import { derive } from "./seal-key.js";

let settings;
let last = Promise.resolve();

addEventListener("message", ({ data }) => {
  if (typeof data !== "string") settings = data;
  else last = last.then(async () => postMessage(await derive(settings, data)));
});
