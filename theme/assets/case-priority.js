// How urgent a case is: questions that lead to its priority, and the reason for it.
import { showNeeds } from "./case-checklist.js";
import { element } from "./dom.js";
import { say } from "./texts.js";

export class Priority {
  /**
   * @param {HTMLElement} root
   * @param {() => void} onChoice called when a priority has been chosen
   */
  constructor(root, onChoice) {
    this.root = root;
    this.form = root.querySelector("form");
    this.levels = [...this.form.querySelectorAll("[name=level]")]; // the most urgent first
    this.onChoice = onChoice;
    this.asked = []; // answers to the questions
    this.reason = "";
  }

  #find(selector) { return this.root.querySelector(selector); }

  /** @returns {HTMLInputElement | undefined} the field of the priority that is chosen */
  get level() { return this.levels.find((level) => level.checked); }

  /** Begins again, with the priority that the form has. */
  afresh() {
    this.asked = [];
    this.#say(this.level ? this.#verdict(this.level) : "");
    this.ask();
  }

  /** Asks the next question; the first yes gives the priority. */
  ask() {
    const box = this.#find("[data-wp-question]");
    const { open, decided, level } = this.#standing();
    const workaround = level?.dataset.workaround && this.asked.length === decided + 1;
    const question = level ? undefined : open[this.asked.length];
    box.hidden = this.levels.length < 2 || !(question || workaround);
    if (box.hidden) return;
    box.querySelector("[data-wp-asked]").textContent = workaround ? say("askWorkaround") : question.dataset.question || say("ask", { definition: question.dataset.definition });
    box.querySelector("[data-wp-examples]").replaceChildren(...(workaround ? [] : JSON.parse(question.dataset.examples).map((example) => element("li", {}, example))));
    box.querySelector("[data-wp-answer=back]").hidden = !this.asked.length;
  }

  /** @param {string} answer yes, no or back */
  answered(answer) {
    if (answer === "back") this.asked.pop();
    else this.asked.push(answer);
    const { open, decided, level } = this.#standing();
    const lowered = level?.dataset.workaround && this.asked[decided + 1] === "yes";
    if (level && (this.asked.length > decided + 1 || !level.dataset.workaround)) {
      const target = lowered ? this.levels.find((one) => one.value === level.dataset.workaround) : level;
      this.choose(target, lowered ? say("lowered", { reason: level.dataset.definition }) : level.dataset.definition);
    } else if (!level && this.asked.length >= open.length) {
      this.choose(this.levels.at(-1), say("otherwise"));
    } else this.#unchoose();
    this.ask();
    const next = this.#find("[data-wp-question]");
    (next.hidden ? this.#find("[data-wp-next]") : next.querySelector("button")).focus();
  }

  /** What the answers lead to: the priorities that are asked for, the place of the yes and its priority, if there is one. */
  #standing() {
    const open = this.levels.slice(0, -1);
    const decided = this.asked.indexOf("yes");
    return { open, decided, level: decided < 0 ? undefined : open[decided] };
  }

  /** @param {HTMLInputElement} level @param {string} reason */
  choose(level, reason) {
    level.checked = true;
    this.reason = reason;
    this.#say(this.#verdict(level));
    this.onChoice();
  }

  /** Takes a priority that a page suggests, where none has been chosen. @param {number} place from 1 */
  suggest(place) {
    const level = this.levels[Math.min(place, this.levels.length) - 1];
    if (!level || this.level) return;
    this.choose(level, "");
    this.#say(say("suggested", { number: level.dataset.number, name: level.dataset.name }));
  }

  #unchoose() {
    for (const level of this.levels) level.checked = false;
    this.reason = "";
    this.#say("");
  }

  #verdict({ dataset: { number, name } }) { return say(this.reason ? "because" : "chosen", { number, name, reason: this.reason }); }

  /** Says which priority there is, here and beside the items of the checklist. @param {string} words */
  #say(words) {
    this.#find("[data-wp-verdict]").textContent = words;
    showNeeds(this.form, this.level?.value);
  }
}
