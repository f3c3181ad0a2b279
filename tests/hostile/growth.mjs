// How the time of regular expressions grows with a text. Prints as JSON the number of those in a folder's scripts and the bad ones.
// Usage: node growth.mjs FOLDER, or node growth.mjs with sources in JSON on standard input.
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Behind what an expression can begin with: `/` is a division elsewhere. In comments `/` or `*` follows.
const LITERAL = /(?<=(?:[(,=:[!&|?{};]|=>|return)\s*)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([a-z]*)(?![\w"'`])/gu;
const ENDS = ["\0", " ", "\n", "a"];
const SLOW = 15; // ms of a text of LONG characters, from which on it is looked at how they grow
const LONG = 1024;
const FIRST = [24, 96, 256]; // in which more than the cube shows, so that nothing hangs
const CUBE = 6; // times as long for twice the text: 4 is the square, 8 the cube

/** @param {string} folder @returns {Promise<Map<string, RegExp>>} by place */
async function expressions(folder) {
  const found = new Map();
  const Native = RegExp;
  let name = "";
  globalThis.RegExp = new Proxy(Native, { construct(target, given) {
    const made = Reflect.construct(target, given);
    if (typeof given[0] === "string") found.set(`${name}: ${made}`, made);
    return made;
  } });
  for (name of readdirSync(folder).filter((one) => one.endsWith(".js"))) {
    for (const [, source, flags] of readFileSync(`${folder}/${name}`, "utf-8").matchAll(LITERAL)) found.set(`${name}: /${source}/${flags}`, new Native(source, flags));
    await import(pathToFileURL(`${folder}/${name}`).href).catch(() => {}); // makes its expressions; what needs a page makes none
  }
  globalThis.RegExp = Native;
  return found;
}

/** What texts are made of: letters that an expression speaks of, in turn, and its words. @param {RegExp} expression */
function pieces({ source }) {
  const plain = source.replace(/\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\p\{\w+\}|\\[a-z]|\(\?<?[:=!]/gi, "");
  const letters = [...new Set([..."a1 -.:\n\"'", ...plain])].slice(0, 26);
  const words = plain.match(/[\p{L}-]{2,}/gu) ?? [];
  return { letters, words: [...new Set(words)].slice(0, 8), pairs: letters.slice(0, 12).flatMap((letter) => letters.slice(0, 12).map((other) => letter + other)) };
}

/** Milliseconds of one use. @param {RegExp} expression @param {string} text */
function time(expression, text) {
  const begun = process.cpuUsage();
  expression.lastIndex = 0;
  if (expression.global) text.replace(expression, "");
  else expression.test(text);
  const { user } = process.cpuUsage(begun);
  return user / 1000;
}

/** The text by which an expression is kept busy, null where there is none. @param {RegExp} expression */
function attack(expression) {
  const { letters, words, pairs } = pieces(expression);
  for (const piece of [...letters, ...pairs, ...words, letters.join("")]) {
    for (const start of ["", "a", "1", ...words]) {
      for (const end of ENDS) {
        const text = (/** @type {number} */ length) => start + piece.repeat(Math.ceil(length / piece.length)) + end;
        const least = (/** @type {number} */ length) => Math.min(...[1, 2, 3].map(() => time(expression, text(length))));
        const bad = FIRST.some((length) => time(expression, text(length)) > SLOW && least(length) > SLOW)
          || (time(expression, text(LONG)) > SLOW && least(LONG) > CUBE * least(LONG / 2));
        if (bad) return [start, piece, end];
      }
    }
  }
  return null;
}

const [folder] = process.argv.slice(2);
const found = folder ? await expressions(folder)
  : new Map(JSON.parse(readFileSync(0, "utf-8")).map((/** @type {string} */ source) => [source, new RegExp(source)]));
const bad = [...found].map(([place, expression]) => [place, attack(expression)]).filter(([, text]) => text);
console.log(JSON.stringify({ count: found.size, places: [...found.keys()], bad }));
