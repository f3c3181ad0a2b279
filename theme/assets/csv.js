// Also behind what parts cells for a spreadsheet that reads the file with semicolons or tabs, as some languages' do.
const FORMULA = /^(?=[=+\-@＝＋－＠\t\r\n])|(?<=[;\t\r\n])([" ]*)(?=[=+\-@＝＋－＠])/g;

/**
 * A table as CSV (RFC 4180) with the mark by which spreadsheets know UTF-8. What a spreadsheet would take for a formula gets an apostrophe.
 * @param {string[][]} rows
 */
export function csv(rows) {
  return `\ufeff${rows.map((row) => row.map(cell).join(",") + "\r\n").join("")}`;
}

/** @param {string} text */
function cell(text) {
  const safe = text.replace(FORMULA, "$1'");
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Hands a file to the reader.
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
export function download(name, text, type = "text/csv;charset=utf-8") {
  const href = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  Object.assign(link, { href, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
