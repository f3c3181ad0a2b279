// What the page My network keeps, in this browser alone (IndexedDB). Where that is denied, it lasts until the page is left.

const STORE = "kept";

export class NetworkStore {
  #database;
  #memory = new Map(); // where nothing can be kept

  /** @param {IDBDatabase | null} database @param {string} name */
  constructor(database, name) {
    this.#database = database;
    this.name = name;
  }

  /** The store of a portal, whose path sets it apart from others on its host. @param {string} place @returns {Promise<NetworkStore>} */
  static async open(place) {
    const name = `waypost-network:${place}`;
    try {
      const asking = indexedDB.open(name, 1);
      asking.onupgradeneeded = () => asking.result.createObjectStore(STORE);
      return new NetworkStore(await answer(asking), name);
    } catch {
      return new NetworkStore(null, name);
    }
  }

  /** Whether what is kept is still there at the next visit. */
  get lasts() {
    return this.#database !== null;
  }

  /** @param {string} key @param {any} otherwise */
  async get(key, otherwise) {
    if (!this.#database) return this.#memory.get(key) ?? otherwise;
    return (await answer(this.#database.transaction(STORE).objectStore(STORE).get(key))) ?? otherwise;
  }

  /** @param {string} key @param {any} value */
  async put(key, value) {
    if (!this.#database) return void this.#memory.set(key, value);
    const change = this.#database.transaction(STORE, "readwrite");
    change.objectStore(STORE).put(value, key);
    await new Promise((resolve, reject) => Object.assign(change, { oncomplete: resolve, onabort: () => reject(change.error) }));
  }

  /** Deletes the whole database. */
  async wipe() {
    this.#memory.clear();
    if (!this.#database) return;
    this.#database.close();
    this.#database = null;
    await answer(indexedDB.deleteDatabase(this.name));
    this.#database = (await NetworkStore.open(this.name.slice(this.name.indexOf(":") + 1))).#database;
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => resolve(undefined); // another tab has it open: it goes when that is closed
  });
}
