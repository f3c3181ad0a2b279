// Finds what should not leave the house in pasted configurations and logs: keys, passwords, addresses. Every pattern reads a text once.

/** @typedef {"key" | "password" | "address" | "hardware" | "mail"} Secret */
/** @typedef {{start: number, end: number, kind: Secret}} Mark a stretch of a text, in UTF-16 units */

const KEY = /-----BEGIN (?:[A-Z0-9]+ ){0,3}(?:PRIVATE KEY|CERTIFICATE|OPENSSH PRIVATE KEY)-----[^]*?(?:-----END [A-Z0-9 ]{1,40}-----|$(?![^]))/g;
const HASH = /\$(?:\d{1,2}|2[abxy]|sha\d|y|argon2\w{1,2})\$[^\s"';]+/g;
const BEARER = /\b(?:Bearer|Basic)[ \t]+([A-Za-z0-9._~+/=-]{8,})/g;
const NAMED = new RegExp("(?<![\\p{L}\\p{N}])(?:[\\p{L}\\p{N}]{1,30}[-_]){0,4}(?:password|passwd|passphrase|secret|community|psk|token|api[-_]?key|"
  + "(?:pre-?shared|authentication|auth|encryption|privacy|priv|shared|access)[-_]key|key-string|md5-key|пароль|ключ|секрет)(?![\\p{L}\\p{N}])"
  + "[\"']?[ \\t]*(?:[:=][ \\t]*|[ \\t])(?:(?:\\d{1,2}|ascii-text|hexadecimal|plain-text|cleartext|encrypted|sha256|md5)[ \\t]+)?"
  + "(\"[^\"\\n]{1,500}\"|'[^'\\n]{1,500}'|[^\\s\"';,{}\\[\\]]{1,500})", "giu");
const IPV4 = /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g;
const HEX = /(?<![\w:.])[0-9a-f:]{2,39}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![\w:]|\.\d)/gi;
const MAC = /(?<![\w:.-])(?:[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\w:-])/gi;
const MAIL = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}]{2,24}(?![\p{L}\p{N}-])/gu;
const MARKED = /<(?:removed|key|address-\d+|hardware-\d+|mail-\d+)>/;
const PLAIN = new Set(["0.0.0.0", "255.255.255.255", "127.0.0.1"]);
const WORDS = new Set(["is", "was", "for", "not", "and", "of", "the", "to", "in", "required", "expired", "failed", "incorrect", "wrong", "missing"]);

/**
 * What a text holds, in its order; nothing twice.
 * @param {string} text
 * @returns {Mark[]}
 */
export function secretsIn(text) {
  const found = [];
  const add = (kind, start, end) => { found.push({ start, end, kind }); };
  for (const match of text.matchAll(KEY)) add("key", match.index, match.index + match[0].length);
  for (const match of text.matchAll(HASH)) add("password", match.index, match.index + match[0].length);
  for (const match of [...text.matchAll(BEARER), ...text.matchAll(NAMED)]) {
    const end = match.index + match[0].length;
    if (!WORDS.has(match[1].toLowerCase()) && !MARKED.test(match[1]) && !/^\/\//.test(match[1])) add("password", end - match[1].length, end);
  }
  for (const match of text.matchAll(MAC)) add("hardware", match.index, match.index + match[0].length);
  for (const match of text.matchAll(IPV4)) if (isAddress(match[0])) add("address", match.index, match.index + match[0].length);
  for (const match of text.matchAll(HEX)) if (isLongAddress(match[0])) add("address", match.index, match.index + match[0].length);
  for (const match of text.matchAll(MAIL)) add("mail", match.index, match.index + match[0].length);
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  return found.filter((mark) => {
    const apart = mark.start >= end;
    if (apart) ({ end } = mark);
    return apart;
  });
}

/**
 * A text without its secrets. What is the same there has the same name here, so that readers can still follow it.
 * @param {string} text
 * @param {ReadonlySet<Secret>} [kinds] all of them where none are given
 */
export function redact(text, kinds) {
  const names = new Map();
  const counts = { address: 0, hardware: 0, mail: 0 };
  let done = 0;
  let made = "";
  for (const { start, end, kind } of secretsIn(text)) {
    if (kinds && !kinds.has(kind)) continue;
    const written = text.slice(start, end).toLowerCase();
    if (!names.has(written)) {
      names.set(written, kind === "password" ? "<removed>" : kind === "key" ? "<key>" : `<${kind}-${nextOf(text, kind, counts)}>`);
    }
    made += text.slice(done, start) + names.get(written);
    done = end;
  }
  return made + text.slice(done);
}

/** The next number that the text does not have yet. */
function nextOf(text, kind, counts) {
  do counts[kind] += 1; while (text.includes(`<${kind}-${counts[kind]}>`));
  return counts[kind];
}

/** An IPv4 address; masks and the addresses of nobody are no secrets. @param {string} text */
function isAddress(text) {
  const parts = text.split(".").map(Number);
  if (parts.some((part) => part > 255) || PLAIN.has(text)) return false;
  const bits = parts.map((part) => part.toString(2).padStart(8, "0")).join("");
  return !/^1{8,}0*$/.test(bits) && !/^0+1+$/.test(bits);
}

/** An IPv6 address (RFC 4291, section 2.2); `12:34:56` is a time. @param {string} text */
function isLongAddress(text) {
  if (text.split(":").length < 3 || /^[:0]*1?$/.test(text)) return false;
  if (!text.includes("::") && text.split(":").length < 7) return false;
  try {
    return Boolean(new URL(`http://[${text}]/`).hostname);
  } catch {
    return false;
  }
}
