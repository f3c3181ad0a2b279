// Releases as kb/releases.py reads them: a key is a list of numbers, and releases compare as their keys do.

/** @typedef {{key: number[], text: string}} Release with its name as it is printed */

const NUMBER = "(?:0|[1-9][0-9]{0,8})";
const COUNT = "[1-9][0-9]{0,8}";
const JUNOS = new RegExp(`^(${NUMBER})\\.(${NUMBER})(?:X(${COUNT}))?(R|-D)(${COUNT})(?:-S(${COUNT}))?(?:\\.(${COUNT}))?(-EVO)?$`, "i");
const DOTTED = /^[0-9]{1,9}(?:\.[0-9]{1,9}){1,5}$/;
const SEMVER = new RegExp(`^(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})(?:-([0-9A-Za-z.-]{1,100}))?(\\+[0-9A-Za-z.-]{1,100})?$`);

/** The release that a text names, null where it names none. @param {string} text @param {string} scheme @returns {Release | null} */
export function parseRelease(text, scheme) {
  const written = text.trim();
  return { junos, dotted, semver }[scheme]?.(written) ?? null;
}

/** Negative, zero or positive, as one key comes before, equals or comes after another. @param {number[]} a @param {number[]} b */
export function compareKeys(a, b) {
  for (let at = 0; at < a.length && at < b.length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

/** @param {string} text */
function junos(text) {
  const match = JUNOS.exec(text);
  if (!match) return null;
  const [, major, minor, special, letter, number, service, respin, suffix] = match;
  if ((letter.toUpperCase() === "-D") !== Boolean(special)) return null;
  const name = `${major}.${minor}${special ? `X${special}` : ""}${letter.toUpperCase()}${number}${service ? `-S${service}` : ""}${respin ? `.${respin}` : ""}`;
  return { key: [major, minor, special, number, service, respin].map((part) => Number(part ?? 0)), text: name + (suffix ? "-EVO" : "") };
}

/** @param {string} text */
function dotted(text) {
  if (!DOTTED.test(text)) return null;
  const parts = text.split(".").map(Number);
  return { key: [...parts, ...Array(6 - parts.length).fill(0)], text };
}

/** @param {string} text */
function semver(text) {
  const match = SEMVER.exec(text);
  const before = match && prerelease(match[4]);
  if (!before || (match[5] ?? "+0").slice(1).split(".").includes("")) return null;
  return { key: [...match.slice(1, 4).map(Number), ...before], text };
}

/** The pre-release part of a key, null where it breaks the rules. @param {string | undefined} text */
function prerelease(text) {
  if (text === undefined) return [1];
  const key = [0];
  for (const part of text.split(".")) {
    const digits = /^[0-9]+$/.test(part);
    if (!part || (digits && !/^(?:0|[1-9][0-9]{0,8})$/.test(part))) return null;
    key.push(...(digits ? [1, Number(part)] : [2, ...[...part].map((letter) => letter.charCodeAt(0)), -1]));
  }
  return [...key, 0];
}
