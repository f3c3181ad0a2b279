// What is typed on the page of cases, kept in this browser. Where that is denied, nothing is kept and everything else works.

/** @param {string} place path of the portal, for several may share a host */
const nameOf = (place) => `waypost-case:${place}`;

/** @param {string} place @returns {Record<string, string | string[]>} */
export function kept(place) {
  try {
    const found = JSON.parse(localStorage.getItem(nameOf(place)) ?? "{}");
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

/** @param {string} place @param {Record<string, string | string[]>} values */
export function keep(place, values) {
  try {
    localStorage.setItem(nameOf(place), JSON.stringify(values));
  } catch {
    // denied or full
  }
}

/** @param {string} place */
export function forget(place) {
  try {
    localStorage.removeItem(nameOf(place));
  } catch {
    // denied
  }
}
