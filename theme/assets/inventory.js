/** @param {string} text @param {any} _catalogue */
export function readInventory(text, _catalogue) {
  const read = JSON.parse(text);
  return { devices: (read.devices ?? read).map((device) => ({ platform: "", serial: "", site: "", tags: [], checked: true, ...device })), findings: [] };
}
