// Where the reader had scrolled to, by entry of the history, kept for the session.

const KEPT = "waypost-pr-places";

export class Places {
  constructor() {
    this.key = ""; // of the current entry
    this.resting = false; // while the page is scrolled by us
    this.places = read();
    addEventListener("scroll", () => { if (!this.resting) this.#note(); }, { passive: true });
    addEventListener("pagehide", () => {
      try { sessionStorage.setItem(KEPT, JSON.stringify(this.places)); } catch { /* storage may be forbidden */ }
    });
  }

  #note() { this.places[this.key] = scrollY; }

  /** @returns {number | undefined} that of the current entry */
  get place() { return this.places[this.key]; }

  /** Takes over the entry of the history that has become the current one. */
  enter() {
    const key = history.state?.key;
    this.key = key ?? newKey();
    if (!key) history.replaceState({ ...history.state, key: this.key }, "");
  }

  /** Adds an entry. @param {string} query part of its address */
  push(query) {
    this.#note();
    this.key = newKey();
    history.pushState({ key: this.key }, "", location.pathname + query);
  }

  /** Gives the current entry another address. @param {string} query part of it */
  replace(query) { history.replaceState({ key: this.key }, "", location.pathname + query); }
}

const newKey = () => Math.random().toString(36).slice(2);

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}
