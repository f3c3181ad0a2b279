// What a prepared case becomes: a text, addresses that carry it, what to say on the telephone.

/**
 * A prepared case, as docs/case.md and the schema describe it; empty values are left out.
 * @typedef {{
 *   format: 1, portal: string, language: string, prepared: string,
 *   product?: {id: string, name: string}, platform?: string, release?: string,
 *   kind?: {id: string, name: string}, title?: string, description?: string, data?: string,
 *   level?: {id: string, number: number, name: string}, reason?: string, serial?: string, contract?: string,
 *   checklist: {id: string, name: string, need: string, done: boolean}[], attachments?: string[],
 *   contact?: {name?: string, email?: string, phone?: string, region?: {id: string, name: string}}, reference?: string,
 * }} Case
 * @typedef {(name: string, values?: Record<string, string | number>) => string} Say
 */

const LONGEST = 1900; // characters of an address: what all mail programs and web servers take

/**
 * A case as plain text, in the page's language.
 * @param {Case} prepared
 * @param {Say} say
 */
export function caseText(prepared, say) {
  const { product, platform, release, kind, level, contact = {}, checklist } = prepared;
  const lines = [
    ["title", prepared.title], ["kind", kind?.name], ["product", [product?.name, platform].filter(Boolean).join(", ")], ["release", release],
    ["level", level && `${level.number} – ${level.name}${prepared.reason ? ` (${prepared.reason})` : ""}`],
    ["serial", prepared.serial], ["contract", prepared.contract],
    ["contact", [contact.name, contact.email, contact.phone, contact.region?.name].filter(Boolean).join(", ")], ["reference", prepared.reference],
  ].filter(([, value]) => value).map(([name, value]) => `${say(`field${name[0].toUpperCase()}${name.slice(1)}`)}: ${value}`);
  const part = (/** @type {string} */ name, /** @type {string | undefined} */ text) => (text ? ["", `${say(`field${name[0].toUpperCase()}${name.slice(1)}`)}:`, text] : []);
  const ticks = checklist.map(({ name, done }) => `[${done ? "x" : " "}] ${name}`).join("\n");
  return [...lines, ...part("description", prepared.description), ...part("checklist", ticks),
    ...part("attachments", prepared.attachments?.join("\n")), ...part("data", prepared.data)].join("\n") + "\n";
}

/**
 * The address of a form with what a case says; long texts are cut so that the whole stays an address.
 * @param {string} template an address with names in braces
 * @param {Case} prepared
 * @param {string} text the case as text
 * @returns {{href: string, cut: boolean}}
 */
export function prefilled(template, prepared, text) {
  const { contact = {} } = prepared;
  const values = {
    product: prepared.product?.id, platform: prepared.platform, release: prepared.release, serial: prepared.serial, title: prepared.title,
    description: prepared.description, level: prepared.level?.id, name: contact.name, email: contact.email, phone: contact.phone,
    region: contact.region?.id, reference: prepared.reference, text,
  };
  const filled = (/** @type {(name: string) => string} */ value) => template.replace(/\{(\w+)\}/g, (_, name) => value(name));
  const isLong = (/** @type {string} */ name) => name === "text" || name === "description";
  const count = [...template.matchAll(/\{(text|description)\}/g)].length || 1;
  const short = filled((name) => (isLong(name) ? "" : escaped((values[name] ?? "").slice(0, 200))));
  const share = Math.max(0, Math.floor((LONGEST - short.length) / count));
  let cut = false;
  const href = filled((name) => {
    const whole = escaped(values[name] ?? "");
    if (!isLong(name)) return escaped((values[name] ?? "").slice(0, 200));
    cut ||= whole.length > share;
    return whole.length > share ? beginning(values[name], share) : whole;
  });
  return { href, cut };
}

/**
 * The address that begins a mail; the text is cut where mail programs would.
 * @param {string} address
 * @param {Case} prepared
 * @param {string} text
 * @returns {{href: string, cut: boolean}}
 */
export function mailed(address, prepared, text) {
  const lines = text.replaceAll("\n", "\r\n");
  const start = `mailto:${escaped(address).replaceAll("%40", "@")}?subject=${escaped((prepared.title ?? "").slice(0, 200))}&body=`;
  const cut = start.length + escaped(lines).length > LONGEST;
  return { href: start + (cut ? beginning(lines, LONGEST - start.length) : escaped(lines)), cut };
}

/** A text in an address; half a character, as a cut may leave it, cannot stand there. @param {string} text */
function escaped(text) {
  return encodeURIComponent(text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, ""));
}

/** The beginning of a text that takes at most so many characters once it is escaped. @param {string} text @param {number} most */
function beginning(text, most) {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (escaped(text.slice(0, middle)).length <= most) low = middle;
    else high = middle - 1;
  }
  return escaped(text.slice(0, low));
}
