// Picks a file from the folders that the studio may read.

import { byId, el } from "/dom.js";
import { bytes } from "/format.js";
import { getFiles, getRoots } from "./api.js";
import { T } from "./words.js";

const root = byId("root");
const crumbs = byId("crumbs");
const files = byId("files");
const more = byId("more-files");
const none = byId("no-files");

let roots = [];
let next = null;
let folder = "";
// Counts up with every folder, so that an answer that comes late is not shown.
let turn = 0;

/** Begins with the folder of `wished`, where that is a file. `failed` is told what goes wrong. */
export function followPicker(wished, failed) {
  const open = (path, chosen = null, back = false) => show(path, null, chosen, back).catch(failed);

  async function show(path, cursor, chosen, back) {
    turn += 1;
    const mine = turn;
    const page = await getFiles(path, cursor);
    if (mine !== turn) return;
    folder = page.folder;
    next = page.next ?? null;
    const items = page.items.map((item) => entry(item, chosen));
    if (cursor === null) files.replaceChildren(...items);
    else files.append(...items);
    more.hidden = next === null;
    none.hidden = files.childElementCount > 0;
    none.textContent = T.start.noFiles;
    writeCrumbs();
    // What had the focus is gone.
    if (back) (files.querySelector("button, input") ?? crumbs.querySelector("button"))?.focus();
  }

  function entry(item, chosen) {
    if (item.kind === "folder") {
      return el("li", {}, el("button", { type: "button", class: "folder", onclick: () => open(item.file, null, true) }, `${item.name}/`));
    }
    const radio = el("input", { type: "radio", name: "file", value: item.file, checked: item.file === chosen });
    const size = item.bytes === null || item.bytes === undefined ? null : el("span", { class: "unit" }, bytes(item.bytes));
    return el("li", {}, el("label", {}, radio, el("span", { class: "file-name" }, item.name), size));
  }

  function writeCrumbs() {
    const parts = folder.split("/");
    crumbs.replaceChildren(
      ...parts.map((part, index) => {
        const name = index === 0 ? (roots.find(({ id }) => id === part)?.name ?? part) : part;
        if (index === parts.length - 1) return el("li", { "aria-current": "true" }, name);
        return el("li", {}, el("button", { type: "button", onclick: () => open(parts.slice(0, index + 1).join("/"), null, true) }, name));
      }),
    );
    crumbs.hidden = parts.length < 2;
    root.value = parts[0];
  }

  async function begin() {
    roots = await getRoots();
    root.replaceChildren(...roots.map(({ id, name }) => el("option", { value: id }, name)));
    if (roots.length === 0) {
      none.hidden = false;
      none.textContent = T.start.noRoots;
      return;
    }
    const parts = (wished ?? "").split("/");
    const known = roots.some(({ id }) => id === parts[0]);
    await show(known ? parts.slice(0, -1).join("/") : roots[0].id, null, known ? wished : null, false);
  }

  root.addEventListener("change", () => open(root.value));
  more.addEventListener("click", () => show(folder, next, null, false).catch(failed));
  begin().catch(failed);
  return { chosen: () => files.querySelector("[name=file]:checked")?.value ?? null };
}
