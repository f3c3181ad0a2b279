import { say } from "./texts.js";

/**
 * "Was this helpful?": sends the answer where portal.yml says and remembers it in this browser. Without this script the form goes
 * out as a page of its own, or as a mail without reason and comment.
 * @param {HTMLElement} section
 */
export function enhanceFeedback(section) {
  const form = section.querySelector("form");
  const status = form.querySelector("[role=status]");
  const forget = form.querySelector("[data-wp-forget]");
  const send = form.querySelector("button");
  const key = `waypost feedback ${form.elements.record.value}`;
  const memory = storage();

  function recall() {
    const answer = memory?.getItem(key);
    status.textContent = answer ? say(answer === "yes" ? "feedbackYes" : "feedbackNo") : "";
    forget.hidden = !answer;
  }

  /** @param {FormData} data */
  function remember(data) {
    try {
      memory?.setItem(key, data.get("helpful"));
    } catch {
      // full: the answer has gone out all the same
    }
    forget.hidden = !memory?.getItem(key);
  }

  /** @param {FormData} data */
  function write(data) {
    const answer = form.querySelector(":checked").parentElement.textContent.trim();
    const reason = data.get("reason") && form.elements.reason.selectedOptions[0].text;
    const subject = say("feedbackSubject", { record: data.get("record"), answer: answer.toLocaleLowerCase() });
    const body = [reason, data.get("comment"), document.querySelector("link[rel=canonical]").href].filter(Boolean).join("\r\n\r\n");
    location.href = `${form.action}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
  }

  /** @param {FormData} data */
  async function post(data) {
    status.textContent = say("feedbackSending");
    send.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), credentials: "omit", referrerPolicy: "no-referrer" });
      if (!answer.ok) throw new Error(String(answer.status));
      remember(data);
      form.reset();
      status.textContent = say("feedbackSent");
    } catch {
      status.textContent = say("feedbackFailed");
    }
    send.disabled = false;
  }

  form.addEventListener("submit", (event) => {
    const data = new FormData(form);
    const way = section.dataset.wpFeedback;
    if (way !== "page") event.preventDefault();
    if (way === "endpoint") {
      post(data);
      return;
    }
    remember(data);
    if (way === "mail") write(data);
  });
  forget.addEventListener("click", () => {
    memory.removeItem(key);
    recall();
    form.querySelector("input[type=radio]").focus();
  });
  recall();
}

/** The browser's memory, null where it has none to give. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
