// The modules of My network, for tests/answering.mjs.
import { answer, own } from "../answering.mjs";

const { inventoryFile, loadedInventory, readInventory } = await own("inventory.js");

let loaded = [];

await answer({
  readInventory,
  inventoryFile,
  async loadedInventory(text, catalogue) {
    loaded = [];
    const load = async (path) => {
      loaded.push(path);
      return catalogue.releases[path.split("/").at(-1).replace(".json", "")];
    };
    return { ...await loadedInventory(text, { index: catalogue.index, releases: {} }, load), loaded };
  },
  timed(text, catalogue) {
    const start = performance.now();
    const { devices } = readInventory(text, catalogue);
    return { seconds: (performance.now() - start) / 1000, devices: devices.length };
  },
});
