// What the page of a case offers for a title, from a built portal on disk, for tests/answering.mjs: its own module, in Node.js.
import { readdir, readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { answer } from "../answering.mjs";

// What the search needs of a browser: an English page of the portal, and the portal's files by their addresses.
const HOST = "https://support.example.com/";
const page = { lang: "en", action: `${HOST}search/`, getAttribute: () => "en" };
let root;

Object.assign(globalThis, {
  window: globalThis, location: new URL(HOST),
  document: { documentElement: page, querySelector: () => page, querySelectorAll: () => [] },
  fetch: async (address) => new Response(await readFile(new URL(new URL(address, root).href.replace(HOST, root.href).split("?")[0]))),
});
// Node.js has it from version 21, browsers since 2024.
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

let opened; // promise of the module; a process asks one portal

async function likely(folder, query, product) {
  root = pathToFileURL(`${folder}/`);
  opened ??= readdir(new URL("assets", root)).then((names) => import(new URL(`assets/${names.find((name) => /^case-known\..*js$/.test(name))}`, root).href));
  return (await (await opened).likely(query, product)).map(({ id }) => id);
}

await answer({ likely });
