// node validate.mjs < ["file", ...]: for each CSAF document a JSON line {file, errors, warnings} with what the mandatory and the
// optional tests of section 6 of the standard find; "6.1.7 /path: message". Informative tests ask the network and spell-check.
import { readFileSync } from "node:fs";

const library = "../../node_modules/@secvisogram/csaf-validator-lib";
const [schema, mandatory, optional] = await Promise.all(
  ["schemaTests.js", "mandatoryTests.js", "optionalTests.js"].map((file) => import(`${library}/${file}`)));

/** What a group of tests finds. */
async function found(tests, document, field) {
  const messages = [];
  for (const [name, test] of tests) {
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
  console.log(JSON.stringify({ file, errors, warnings }));
}
