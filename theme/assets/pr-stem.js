// Stems as Snowball gives them (English or "Porter2", and Russian; https://snowballstem.org/algorithms/), equal to snowballstemmer 3.1.
// Endings are looked for with a pattern that ends in `$`: the match that begins first is the longest ending.

const VOWEL = /[aeiouy]/;
const AS_IT_IS = new Set(["andes", "atlas", "bias", "cosmos", "howe", "news", "sky"]);
const IRREGULAR = new Map(Object.entries({
  skis: "ski", skies: "sky", idly: "idl", gently: "gentl", ugly: "ugli", early: "earli", only: "onli", singly: "singl",
}));
const REGION = /^(?:arsen|commun|emerg|gener|inter|later|organ|past|univers|.*?[aeiouy][^aeiouy])/;
const NEXT_REGION = /^.*?[aeiouy][^aeiouy]/;
const SHORT = /[^aeiouy][aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$|past$/;

const STEP_2 = /(?:bli|alli|fulli|lessli|ousli|entli|abli|anci|enci|aliti|biliti|iviti|a?tional|alism|(?:iz)?ation|izer|ator|iveness|fulness|ousness|ogist|ogi|li)$/;
const REPLACED_2 = new Map(Object.entries({
  tional: "tion", enci: "ence", anci: "ance", abli: "able", entli: "ent", izer: "ize", ization: "ize", ational: "ate", ation: "ate",
  ator: "ate", alism: "al", aliti: "al", alli: "al", fulness: "ful", fulli: "ful", ousli: "ous", ousness: "ous", iveness: "ive",
  iviti: "ive", biliti: "ble", bli: "ble", ogist: "og", lessli: "less",
}));
const STEP_3 = /(?:icate|ative|alize|iciti|ical|a?tional|ful|ness)$/;
const REPLACED_3 = new Map(Object.entries({ tional: "tion", ational: "ate", alize: "al", icate: "ic", iciti: "ic", ical: "ic" }));
const STEP_4 = /(?:ic|ance|ence|able|ible|ate|ive|ize|iti|al|ism|ion|er|ous|ant|(?:e?m)?ent)$/;

/**
 * The stem of an English word.
 * @param {string} word letters a to z, lower case
 */
export function stemEnglish(word) {
  if (word.length < 3 || AS_IT_IS.has(word)) return word;
  const known = IRREGULAR.get(word);
  if (known) return known;
  let w = word.replace(/^y/, "Y").replace(/([aeiouy])y/g, "$1Y");
  const first = REGION.exec(w)?.[0].length ?? w.length;
  const second = first + (NEXT_REGION.exec(w.slice(first))?.[0].length ?? w.length);

  let end = /(?:sses|ie[ds]|us|ss|s)$/.exec(w)?.[0];
  if (end === "sses") w = w.slice(0, -2);
  else if (end === "ied" || end === "ies") w = w.slice(0, w.length > 4 ? -2 : -1);
  else if (end === "s" && VOWEL.test(w.slice(0, -2))) w = w.slice(0, -1);

  w = withoutPast(w, first);
  w = w.replace(/(.[^aeiouy])[yY]$/, "$1i");

  end = STEP_2.exec(w)?.[0];
  if (end && w.length - end.length >= first) {
    const rest = w.slice(0, -end.length);
    if (end === "li") { if (/[cdeghkmnrt]li$/.test(w)) w = w.slice(0, -2); }
    else if (end === "ogi") { if (rest.endsWith("l")) w = `${rest}og`; }
    else w = rest + REPLACED_2.get(end);
  }
  end = STEP_3.exec(w)?.[0];
  if (end && w.length - end.length >= first) {
    const rest = w.slice(0, -end.length);
    if (end !== "ative") w = rest + (REPLACED_3.get(end) ?? "");
    else if (rest.length >= second) w = rest;
  }
  end = STEP_4.exec(w)?.[0];
  if (end && w.length - end.length >= second && (end !== "ion" || /[st]ion$/.test(w))) w = w.slice(0, -end.length);

  const rest = w.slice(0, -1);
  if (w.endsWith("e")) { if (rest.length >= second || (rest.length >= first && !SHORT.test(rest))) w = rest; }
  else if (w.endsWith("ll") && rest.length >= second) w = rest;
  return w.replaceAll("Y", "y");
}

/** Step 1b: endings of past and participle. @param {string} w @param {number} first */
function withoutPast(w, first) {
  const end = /(?:eed(?:ly)?|ed(?:ly)?|ing(?:ly)?)$/.exec(w)?.[0];
  if (!end) return w;
  const rest = w.slice(0, -end.length);
  if (end.startsWith("ee")) return rest.length >= first && !/^(?:succ|proc|exc)$/.test(rest) ? `${rest}ee` : w;
  if (end === "ing") {
    if (/^[^aeiouy]y$/.test(rest)) return `${rest[0]}ie`;
    if (/^(?:even|cann|inn|earr|herr|out)$/.test(rest)) return w;
  }
  if (!VOWEL.test(rest)) return w;
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(rest)) return /^[aeo]..$/.test(rest) ? rest : rest.slice(0, -1);
  return rest.length === first && SHORT.test(rest) ? `${rest}e` : rest;
}

// Endings in two groups: those that follow а or я, and those that follow anything.
const GERUND = endings("в вши вшись", "ив ивши ившись ыв ывши ывшись");
const ADJECTIVE = endings("", "ее ие ое ые ими ыми ей ий ой ый ем им ом ым его ого ему ому их ых ую юю ая яя ою ею");
const PARTICIPLE = endings("ем нн вш ющ щ", "ивш ывш ующ");
const VERB = endings("ла на ете йте ли й л ем н ло но нно ет ют ны ть ешь",
  "ила ыла ена ейте уйте ите или ыли ей уй ил ыл им ым ен ило ыло ено ует уют ит ыт ены ить ыть ишь ую ю ят");
const NOUN = endings("", "а ев ов ие ье е иями ями ами еи ии и ией ей ой ий й иям ям ием ем ам ом о у ах иях ях ы ь ию ью ю ия ья я");

/**
 * A function that takes the longest of the endings away; null where there is none, or its condition does not hold.
 * @param {string} after those that need а or я before them
 * @param {string} free
 * @returns {(word: string) => string | null}
 */
function endings(after, free) {
  const bound = new Set(after.split(" "));
  const pattern = new RegExp(`(?:${`${after} ${free}`.trim().replaceAll(" ", "|")})$`);
  return (word) => {
    const end = pattern.exec(word)?.[0];
    if (!end) return null;
    const rest = word.slice(0, -end.length);
    return bound.has(end) && !/[ая]$/.test(rest) ? null : rest;
  };
}

/**
 * The stem of a Russian word.
 * @param {string} word letters а to я, lower case, without ё
 */
export function stemRussian(word) {
  const head = /^[^аеиоуыэюя]*[аеиоуыэюя]/.exec(word)?.[0];
  if (!head) return word;
  const second = /^[аеиоуыэюя]*[^аеиоуыэюя]+[аеиоуыэюя]+[^аеиоуыэюя]/.exec(word.slice(head.length))?.[0].length ?? word.length;
  let w = word.slice(head.length);
  const gerund = GERUND(w);
  if (gerund !== null) w = gerund;
  else {
    w = w.replace(/с[ья]$/, "");
    const adjective = ADJECTIVE(w);
    w = adjective !== null ? PARTICIPLE(adjective) ?? adjective : VERB(w) ?? NOUN(w) ?? w;
  }
  w = w.replace(/и$/, "");
  const derived = /ость?$/.exec(w);
  if (derived && derived.index >= second) w = w.slice(0, derived.index);
  const plain = w.replace(/ейше?$/, "");
  return head + (plain === w ? w.replace(/ь$|н(?=н$)/, "") : plain.replace(/нн$/, "н"));
}
