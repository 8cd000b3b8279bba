// Dialogs: what they answer, and the one that asks whether something is meant.

import { byId } from "./dom.js";

/** Opens a dialog. Gives the value of the button that closed it; `""` when it was left. */
export function openDialog(dialog) {
  return new Promise((done) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => done(dialog.returnValue), { once: true });
    dialog.showModal();
  });
}

/** Asks whether something is meant. `action` is what the button says that does it. */
export async function confirmed({ title, words, action }) {
  const dialog = byId("confirm");
  byId("confirm-title").textContent = title;
  byId("confirm-words").textContent = words;
  byId("confirm-yes").textContent = action;
  return (await openDialog(dialog)) === "yes";
}
