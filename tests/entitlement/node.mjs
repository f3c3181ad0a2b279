// The modules for entitlements and sealed tables, for tests/answering.mjs.
import { readFile } from "node:fs/promises";
import { answer, own } from "../answering.mjs";

const { after, coverage, todayIn } = await own("coverage.js");
const { readList } = await own("entitlement-list.js");
const { asWritten, fit, readings } = await own("numbers.js");
const { derive, isValue, keyText, normal, opened, shardName } = await own("seal-key.js");
const { csv } = await own("csv.js");

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

await answer(functions);
