// What a log says of the device that wrote it, as prsearch/log_device.py reads it.

/** @typedef {{product: string, release: string, platform: string, serial: string}} Device empty where nothing is known */

const WORD = /[A-Za-z0-9][A-Za-z0-9._:+()-]*/g;
const SERIAL = /(?:serial(?: ?(?:number|num|no\.?|#))?|s\/n|серийный номер)[\s:=#"]{1,12}([A-Z0-9][A-Z0-9-]{5,29})(?![A-Za-z0-9])/gi;
const END = /(?<![.:)(+-])[.:)(+-]+$/;
const SPIN = /\.[0-9]+$/;

/**
 * The last release that is named there (of this product, if one is given), the last platform of its product, the last serial number.
 * @param {string[]} facts
 * @param {import("./pr-filter.js").Product[]} products
 * @param {string} product
 * @returns {Device}
 */
export function readDevice(facts, products, product = "") {
  const latest = [...facts].reverse();
  const offered = products.filter((one) => !product || one.id === product);
  const { found, release } = releaseIn(latest, offered);
  const owner = ownerOf(found, facts) ?? products.find((one) => one.id === product);
  const serial = latest.flatMap((line) => [...line.matchAll(SERIAL)].map((match) => match[1])).find((one) => /[0-9]/.test(one)) ?? "";
  return {
    product: owner?.id ?? "", release: owner?.releases.find((one) => one.id.toLowerCase() === release)?.id ?? "",
    platform: owner ? platformIn(latest, owner.platforms) : "", serial,
  };
}

/** The products that have the release named last, and the release in lower case. `21.4R3-S5.4` is a build of `21.4R3-S5`. */
function releaseIn(latest, products) {
  const known = new Map();
  for (const product of products) {
    for (const { id } of product.releases) known.set(id.toLowerCase(), [...(known.get(id.toLowerCase()) ?? []), product]);
  }
  for (const line of latest) {
    for (const word of (line.match(WORD) ?? []).reverse()) {
      const written = word.toLowerCase().replace(END, "");
      const release = [written, written.replace(SPIN, ""), written.replace(/^v/, "")].find((name) => known.has(name));
      if (release !== undefined) return { found: known.get(release), release };
    }
  }
  return { found: [], release: "" };
}

/** Of several products the only one that the lines name, or of which they name a platform. */
function ownerOf(found, facts) {
  const named = found.filter((one) => facts.some((line) => namesIn(one, line).length));
  const on = found.filter((one) => platformIn(facts, one.platforms));
  return [found, named, on].find((some) => some.length === 1)?.[0];
}

function platformIn(latest, platforms) {
  for (const line of latest) {
    let best = { length: 0, id: "" };
    for (const one of platforms) {
      const length = Math.max(0, ...namesIn(one, line).map((name) => [...name].length));
      if (length > best.length) best = { length, id: one.id };
    }
    if (best.id) return best.id;
  }
  return "";
}

/** Which names of something stand in a line as words. */
function namesIn(one, line) {
  const text = ` ${wordsOf(line)} `;
  const every = [...new Set([one.id, one.name, ...Object.values(one.names ?? {}), ...(one.aliases ?? [])])];
  return every.filter((name) => wordsOf(name) && text.includes(` ${wordsOf(name)} `));
}

/** @param {string} text */
function wordsOf(text) {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}
