// A dialog that asks for a file or a folder.

import { createBrowser } from "./browser.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { t } from "./words.js";

async function ask(title, action, options, answer) {
  const host = el("div", { class: "browser" });
  const use = el("button", { value: "use", class: "main", disabled: true }, action);
  const dialog = el(
    "dialog",
    { class: "wide", "aria-label": title },
    el("form", { method: "dialog" }, el("h2", {}, title), host, el("div", { class: "dialog-end" }, el("button", { value: "" }, t.common.cancel), use)),
  );
  document.body.append(dialog);
  const browser = createBrowser(host, {
    multi: false,
    ...options,
    changed: () => {
      use.disabled = answer(browser) === null;
    },
    moved: () => {
      use.disabled = answer(browser) === null;
    },
  });
  const said = await openDialog(dialog);
  const chosen = said === "use" ? answer(browser) : null;
  dialog.remove();
  return chosen;
}

/** Asks for a file. Gives its name, or null. */
export function chooseFile(options = {}) {
  return ask(t.common.aFile, t.common.useFile, options, (browser) => browser?.chosen()[0]?.file ?? null);
}

/** Asks for a folder. Gives its name, or null. */
export function chooseFolder() {
  return ask(t.common.aFolder, t.common.useFolder, { folders: true, kind: "all" }, (browser) => browser?.folder() || null);
}

/** A field that is filled by choosing a folder: with a button, and one that empties it. */
export function folderField(field, choose, clear, changed = () => {}) {
  const show = () => {
    if (clear) clear.hidden = field.value === "";
  };
  choose.addEventListener("click", async () => {
    const folder = await chooseFolder();
    if (folder === null) return;
    field.value = folder;
    show();
    changed(folder);
  });
  clear?.addEventListener("click", () => {
    field.value = "";
    show();
    choose.focus();
    changed(null);
  });
  return {
    set(folder) {
      field.value = folder ?? "";
      show();
    },
  };
}
