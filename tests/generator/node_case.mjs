// The modules of the page of a case, for tests/answering.mjs.
import { answer, own } from "../answering.mjs";

const { caseText, mailed, prefilled } = await own("case-output.js");
const { redact } = await own("redact.js");

await answer({
  redact: (text, kinds) => redact(text, kinds && new Set(kinds)),
  text: (prepared) => caseText(prepared, (name) => name),
  mailed: (address, prepared, text) => mailed(address, prepared, text),
  prefilled: (template, prepared, text) => prefilled(template, prepared, text),
});
