// node validate.mjs < ["file", ...]: for each CSAF document a JSON line {file, errors, warnings, infos} with what the tests of
// section 6 of the standard find; "6.1.7 /path: message".
import { readFileSync } from "node:fs";

const library = "../../node_modules/@secvisogram/csaf-validator-lib";
const [schema, mandatory, optional, informative] = await Promise.all(
  ["schemaTests.js", "mandatoryTests.js", "optionalTests.js", "informativeTests.js"].map((file) => import(`${library}/${file}`)));
const NEEDS_NETWORK = new Set(["informativeTest_6_3_6", "informativeTest_6_3_7"]);

/** What a group of tests finds. */
async function found(tests, document, field) {
  const messages = [];
  for (const [name, test] of tests) {
    if (NEEDS_NETWORK.has(name)) continue;
    const result = await test(structuredClone(document));
    const items = [...(result[field] ?? [])];
    if (result.isValid === false && !items.length && field === "errors") items.push({ instancePath: "", message: "not valid" });
    for (const item of items) messages.push(`${name.replace(/^.*Test_/, "").replaceAll("_", ".")} ${item.instancePath}: ${item.message}`);
  }
  return messages;
}

for (const file of JSON.parse(readFileSync(0, "utf8"))) {
  const document = JSON.parse(readFileSync(file, "utf8"));
  const errors = await found([["schema", schema.csaf_2_0_strict ?? schema.csaf_2_0], ...Object.entries(mandatory)], document, "errors");
  const tests = Object.entries(optional);
  const warnings = [...await found(tests, document, "warnings"), ...await found(tests, document, "errors")];
  const infos = await found(Object.entries(informative).filter(([name]) => !name.endsWith("6_3_8")), document, "infos");
  console.log(JSON.stringify({ file, errors, warnings, infos }));
}
