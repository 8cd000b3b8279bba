// One row of the browser of folders.

import { el, icon } from "./dom.js";
import { bytes, when } from "./format.js";
import { address } from "./request.js";
import { lazily } from "./thumbs.js";
import { t } from "./words.js";

const ICONS = { folder: "folder", video: "film", picture: "picture", sound: "sound", other: "other" };
const LINES = 90;
let made = 0;

function picture(item) {
  const shown = el("span", { class: "thumb", "aria-hidden": "true" }, icon(ICONS[item.kind] ?? "other"));
  if (item.kind !== "video" && item.kind !== "picture") return shown;
  shown.append(lazily(el("img", { alt: "" }), address("/files/picture", { file: item.file, lines: LINES })));
  return shown;
}

/** A row: a folder has a button that opens it, a file has a box that chooses it. */
export function browserRow(item, { multi, open, choose }) {
  made += 1;
  const id = `file-${made}`;
  const isFolder = item.kind === "folder";
  const box = isFolder ? null : el("input", { type: multi ? "checkbox" : "radio", name: multi ? "" : "file", id, onchange: () => choose(item, box.checked) });
  if (box !== null) box.item = item;
  const name = isFolder
    ? el("button", { type: "button", class: "link name", onclick: () => open(item.file) }, picture(item), el("span", { class: "words" }, item.name))
    : el("label", { class: "name", for: id }, picture(item), el("span", { class: "words" }, item.name, el("span", { class: "unseen" }, `, ${t.browser.kinds[item.kind] ?? ""}`)));
  return el(
    "tr",
    { class: isFolder ? "folder" : "file" },
    el("td", { class: "pick" }, box),
    el("td", {}, name),
    el("td", { class: "right quiet" }, isFolder ? "" : bytes(item.bytes)),
    el("td", { class: "quiet changed" }, item.modified ? when(item.modified) : ""),
  );
}
