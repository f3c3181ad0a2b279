import { openIndex } from "./pr-index.js";

const FOLDER = new URL("../prsearch/", import.meta.url);

let opened; // promise of the index

/** The index of PR Search, loaded once; where that failed, the next call tries again. */
export function prIndex() {
  if (!opened) {
    opened = openIndex(loader());
    opened.catch(() => { opened = undefined; });
  }
  return opened;
}

/** Whether an index is so large that what nobody has asked for yet is not loaded. @param {{documents: number}} index */
export function isLarge(index) {
  return index.documents > 20_000;
}

/** Forgets an index whose files are gone, as after a new publication. */
export function forgetIndex() {
  opened = undefined;
}

/** Loads files of one generation: its files may be cached for ever, the root that names the generation may not. */
function loader() {
  let generation = "";
  return async (/** @type {string} */ path) => {
    const root = path === "root.json";
    const answer = await fetch(new URL(root ? path : `${path}?v=${generation}`, FOLDER), root ? { cache: "no-cache" } : {});
    if (!answer.ok) throw new Error(`${answer.status}: ${path}`);
    if (root) ({ generation } = await answer.clone().json());
    return new Uint8Array(await answer.arrayBuffer());
  };
}
