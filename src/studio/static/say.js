// What a page says: problems in a panel, short messages that go by themselves, and words for screen readers.

import { byId, el } from "./dom.js";

const SHOWN_FOR = 6000;

const panel = byId("problems");
const toast = byId("toast");
const live = byId("live");
const problems = new Map();
let timer = 0;

/** Says something to people who use a screen reader. */
export function announce(text) {
  // The same words once more are only read when the text differs.
  live.textContent = live.textContent === text ? `${text}\u00a0` : text;
}

/** Shows a short message for some seconds. */
export function say(text) {
  announce(text);
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => {
    toast.hidden = true;
  }, SHOWN_FOR);
}

/** Shows what is wrong, until it is mended. Each source has one problem at a time. */
export function showProblem(from, error) {
  const text = { title: error.message, detail: error.detail ?? "" };
  const before = problems.get(from);
  if (before !== undefined && before.title === text.title && before.detail === text.detail) return;
  problems.set(from, text);
  write();
}

/** The problem is mended. */
export function clearProblem(from) {
  if (problems.delete(from)) write();
}

function write() {
  // What two parts of the page have found, such as a server that is not there, is said once.
  const seen = new Set();
  const shown = [...problems].filter(([, { title }]) => !seen.has(title) && seen.add(title));
  panel.replaceChildren(
    ...shown.map(([from, { title, detail }]) =>
      el(
        "div",
        { class: "problem" },
        el("div", {}, el("strong", {}, title), detail === "" ? null : el("p", {}, detail)),
        el("button", { type: "button", onclick: () => clearProblem(from) }, panel.dataset.close),
      ),
    ),
  );
  panel.hidden = shown.length === 0;
}

/** Does something for a person; what goes wrong is shown, and `undefined` comes back. */
export async function attempt(from, act) {
  try {
    const result = await act();
    clearProblem(from);
    return result;
  } catch (error) {
    if (error?.name === "AbortError") return undefined;
    showProblem(from, error);
    return undefined;
  }
}
