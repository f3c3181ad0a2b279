// Answers calls of the browser's modules, as tests/prsearch/node_search.mjs does.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

const assets = new URL("../../theme/assets/", import.meta.url);
const { after, coverage, todayIn } = await import(new URL("coverage.js", assets));
const { readList } = await import(new URL("entitlement-list.js", assets));
const { asWritten, fit, readings } = await import(new URL("numbers.js", assets));
const { derive, isValue, keyText, normal, opened, shardName } = await import(new URL("seal-key.js", assets));
const { csv } = await import(new URL("csv.js", assets));

const hex = (bytes) => Buffer.from(bytes).toString("hex");

const functions = {
  asWritten,
  after,
  coverage,
  coverages: (row, terms, days) => days.map((day) => coverage(row, terms, day)),
  csv,
  today: (zone, moment) => todayIn(zone, new Date(moment)),
  fit,
  readings,
  readList,
  normal: (text) => (isValue(text) ? normal(text) : null),
  async derive(settings, fields, values) {
    const { locator, key } = await derive(settings, keyText(settings.table, fields, values));
    return [hex(locator), hex(key), shardName(settings, locator)];
  },
  async open(folder, fields, values) {
    const settings = JSON.parse(await readFile(`${folder}/table.json`, "utf-8"));
    const found = await derive(settings, keyText(settings.table, fields, values));
    return opened(settings, new Uint8Array(await readFile(`${folder}/${shardName(settings, found.locator)}`)), found);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...values] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: (await functions[name](...values)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}
