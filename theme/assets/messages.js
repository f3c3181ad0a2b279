/** @typedef {import("./find.js").Result} Result */

/** Records that quote a pasted message; null where the query is none. @param {string} query @returns {Promise<Result[] | null>} */
export async function byMessage(query) {
  return null;
}
