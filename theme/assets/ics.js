// Dates as an iCalendar file (RFC 5545).

/**
 * An event: `start` is a moment in milliseconds, or a day (2026-11-22) for events that last all day; `id` tells it from others for
 * good, so that a file that is opened again changes the event instead of adding one.
 * @typedef {{id: string, start: number | string, title: string, text: string, url: string}} Event
 */

const stamp = (/** @type {number} */ at) => new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
const escaped = (/** @type {string} */ text) => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");

/** Lines of at most 75 octets, continued with a space; no character is cut (section 3.1). @param {string} line */
function folded(line) {
  const parts = [""];
  let length = 0;
  for (const character of line) {
    const octets = new TextEncoder().encode(character).length;
    if (length + octets > 75) {
      parts.push(" ");
      length = 1;
    }
    parts[parts.length - 1] += character;
    length += octets;
  }
  return parts.join("\r\n");
}

/** @param {Event[]} events @param {number} now when the file is made @param {string} host @returns {string} */
export function calendarFile(events, now, host) {
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Waypost//Deadlines//EN", "CALSCALE:GREGORIAN"];
  for (const { id, start, title, text, url } of events) {
    const when = typeof start === "string" ? `DTSTART;VALUE=DATE:${start.replaceAll("-", "")}` : `DTSTART:${stamp(start)}`;
    lines.push("BEGIN:VEVENT", `UID:${id}@${host}`, `DTSTAMP:${stamp(now)}`, when, `SUMMARY:${escaped(title)}`,
      `DESCRIPTION:${escaped(text)}`, `URL:${url}`, "TRANSP:TRANSPARENT", "END:VEVENT");
  }
  return [...lines, "END:VCALENDAR", ""].map(folded).join("\r\n");
}
