// What people take along: the setting as a command line or a preset, a frame as a file.

import { byId, el } from "/dom.js";
import { clearProblem, say, showProblem } from "/say.js";
import { getCommand, savePreset } from "./api.js";
import { T } from "./words.js";
import { requestValues, state } from "./state.js";
import { arrival, want } from "./pictures.js";
import { fileName, savedId, specOf } from "./screen.js";
import { stopWatching } from "./watch.js";

async function attempt(work) {
  try {
    await work();
    clearProblem("export");
  } catch (error) {
    showProblem("export", error);
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(T.copied(text));
  } catch {
    const dialog = byId("copy-dialog");
    const field = byId("copy-text");
    field.value = text;
    dialog.showModal();
    field.select();
  }
}

const copyFrom = (field) => () =>
  attempt(async () => {
    const answer = await getCommand({ values: requestValues(), frame: state.frame });
    await copy(answer[field]);
  });

/** Saves the picture as PNG in its full size; `other` for the one that it is compared with. */
export function saveFrame(other) {
  if (state.blind !== null) {
    say(T.notBlind);
    return undefined;
  }
  // Of clips, the moment that is shown.
  stopWatching();
  return attempt(async () => {
    const id = savedId(other);
    const spec = specOf(id, true);
    const name = fileName(id);
    want("save", [spec]);
    try {
      const picture = await arrival(spec);
      const address = URL.createObjectURL(picture.blob);
      el("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
      say(T.frameSaved(name));
    } finally {
      want("save", []);
    }
  });
}

function followPreset() {
  const dialog = byId("preset-dialog");
  const name = byId("preset-name");
  const wrong = byId("preset-wrong");
  byId("save-preset").addEventListener("click", () => {
    wrong.textContent = "";
    dialog.showModal();
    name.select();
  });
  byId("preset-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    try {
      const { file } = await savePreset({ values: requestValues(), name: name.value.trim() });
      dialog.close();
      say(T.presetSaved(file));
    } catch (error) {
      wrong.textContent = [error.message, error.detail].filter(Boolean).join(": ");
      name.focus();
    }
  });
}

/** Makes the buttons work. */
export function followExport() {
  byId("copy-command").addEventListener("click", copyFrom("command"));
  byId("copy-preset").addEventListener("click", copyFrom("preset"));
  byId("save-frame").addEventListener("click", (event) => saveFrame(event.shiftKey));
  followPreset();
  for (const dialog of document.querySelectorAll("dialog")) {
    for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
    // A click beside the dialog closes it.
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }
}
