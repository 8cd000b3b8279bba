// Texts to take along.

import { el } from "./dom.js";
import { say } from "./say.js";
import { t } from "./words.js";

/** Copies a text, or marks it in `shown` where the browser does not allow that. */
export async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    say(t.common.copied);
  } catch {
    getSelection().selectAllChildren(shown);
    say(t.common.copyByHand);
  }
}

/** A command line with a button that copies it. */
export function command(text) {
  const shown = el("code", {}, text);
  return el(
    "div",
    { class: "command" },
    el("pre", { tabIndex: 0, role: "group", "aria-label": t.common.command }, shown),
    el("button", { type: "button", onclick: () => copy(text, shown) }, t.common.copyCommand),
  );
}
