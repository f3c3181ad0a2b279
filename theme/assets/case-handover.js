// Hands what a case is about to the page that prepares it, inside the browser: in an address it would reach the server.

const NAME = "waypost-case-given";

/** @param {Record<string, string>} values of the form's fields */
export function handOver(values) {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(values));
  } catch {
    // denied: the form opens empty
  }
}

/** What was handed over, once. @returns {Record<string, string>} */
export function handedOver() {
  try {
    const found = JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
    sessionStorage.removeItem(NAME);
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}
