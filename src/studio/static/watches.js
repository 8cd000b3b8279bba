// Folders whose new videos are added to the queue.

import { folderField } from "./chooser.js";
import { confirmed } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { on, onGap } from "./feed.js";
import { patch, post, remove, all } from "./request.js";
import { attempt, say } from "./say.js";
import { fit, many, t } from "./words.js";

const s = t.settings;
const watches = new Map();
const list = byId("watches");

function row(watch) {
  const { style, preset } = watch.request;
  const box = el("input", { type: "checkbox", role: "switch", checked: watch.on, "aria-label": fit(s.watchSwitch, { folder: watch.folder }), onchange: () => turn(watch, box.checked) });
  const facts = [style, preset, watch.to ? fit(s.watchTarget, { folder: watch.to }) : null, many(s.watchJobs, watch.jobs), watch.words];
  return el(
    "li",
    { class: "watch" },
    box,
    el("div", {}, el("strong", {}, watch.folder), el("p", { class: "quiet" }, facts.filter(Boolean).join(" · "))),
    el("button", { type: "button", "aria-label": fit(s.watchRemove, { folder: watch.folder }), onclick: () => leave(watch) }, t.common.remove),
  );
}

function write() {
  const held = list.contains(document.activeElement) ? [...list.querySelectorAll("input, button")].indexOf(document.activeElement) : -1;
  list.replaceChildren(...[...watches.values()].map(row));
  if (held >= 0) list.querySelectorAll("input, button")[held]?.focus();
  byId("no-watches").hidden = watches.size > 0;
}

function take(watch) {
  watches.set(watch.id, watch);
  write();
}

async function turn(watch, isOn) {
  const now = await attempt("watches", () => patch(`/watches/${watch.id}`, { on: isOn }));
  take(now ?? watch);
}

async function leave(watch) {
  if (!(await confirmed({ title: fit(s.watchRemoveTitle, { folder: watch.folder }), words: s.watchRemoveWords, action: t.common.remove }))) return;
  await attempt("watches", async () => {
    await remove(`/watches/${watch.id}`);
    watches.delete(watch.id);
    write();
  });
}

async function load() {
  const items = await all("/watches");
  watches.clear();
  for (const watch of items) watches.set(watch.id, watch);
  write();
}

async function add(event) {
  event.preventDefault();
  const value = (id) => byId(id).value || null;
  const request = { style: value("watch-style"), preset: value("watch-preset") };
  const isWhole = value("watch-folder") !== null && (request.style ?? request.preset) !== null;
  byId("watch-wrong").textContent = isWhole ? "" : s.watchWrong;
  if (!isWhole) return;
  for (const [key, of] of Object.entries(request)) if (of === null) delete request[key];
  const made = await attempt("watches", () => post("/watches", { folder: value("watch-folder"), request, to: value("watch-to") }));
  if (made === undefined) return;
  take(made);
  byId("watch").reset();
  say(s.watchAdded);
}

/** Shows the watched folders from now on. */
export async function followWatches() {
  folderField(byId("watch-folder"), byId("watch-folder-choose"));
  folderField(byId("watch-to"), byId("watch-to-choose"));
  byId("watch").addEventListener("submit", add);
  on("watch", take);
  onGap(() => attempt("watches", load));
  await load();
}
