// The page "Start": files and styles become jobs.

import { confirmed } from "./dialogs.js";
import { createBrowser } from "./browser.js";
import { folderField } from "./chooser.js";
import { commandLine } from "./command-line.js";
import { copy } from "./copy.js";
import { byId, el, iconButton } from "./dom.js";
import { takeDrops } from "./drops.js";
import { createEstimate } from "./estimate.js";
import { createFirstFrame } from "./first-frame.js";
import { bytes, clock, nameOf, number } from "./format.js";
import { all, get, isAbort, post, withQuery } from "./request.js";
import { attempt, say } from "./say.js";
import { readStart, sumOf } from "./start-request.js";
import { createStyleCards } from "./style-cards.js";
import { createUploads } from "./uploads.js";
import { fit, many, t } from "./words.js";

// Files that were chosen, by name.
const files = new Map();
const lists = { qualities: [], presets: [], settings: {} };
let cards = { chosen: () => [], value: () => null, outputs: () => 0, set: () => {} };
// The command as the server writes it, once it has.
let told = null;
let key = { body: "", id: "" };

const to = folderField(byId("to"), byId("to-choose"), byId("to-clear"), review);
const read = () => readStart(lists, cards);

const browser = createBrowser(byId("browser"), {
  changed(chosen) {
    for (const [file, { browsed }] of files) if (browsed && !chosen.some((item) => item.file === file)) files.delete(file);
    for (const item of chosen) if (!files.has(item.file)) files.set(item.file, { ...item, browsed: true });
    showFiles();
  },
});

const uploads = createUploads(byId("uploads"), {
  done(item) {
    files.set(item.file, { ...item, browsed: false });
    showFiles();
  },
  changed: review,
});

takeDrops((dropped) => uploads.add(dropped));
byId("upload").addEventListener("change", (event) => {
  uploads.add(event.target.files);
  event.target.value = "";
});

const rows = new Map();

function showFiles() {
  for (const [file, row] of rows) {
    if (files.has(file)) continue;
    row.remove();
    rows.delete(file);
  }
  for (const [file, item] of files) {
    if (rows.has(file)) continue;
    const about = el("span", { class: "quiet" }, item.bytes ? bytes(item.bytes) : "");
    const row = el("li", {}, el("span", { class: "name" }, item.name), about, iconButton("remove", fit(t.start.removeFile, { name: item.name }), () => leave(file)));
    rows.set(file, row);
    byId("chosen").append(row);
    describe(file, about);
  }
  byId("none-chosen").hidden = files.size > 0;
  review();
}

function leave(file) {
  files.delete(file);
  browser.drop(file);
  showFiles();
  byId("chosen").querySelector("button")?.focus();
}

async function describe(file, about) {
  try {
    const { video, duration, bytes: size } = await get(withQuery("/files/probe", { file }), { low: true });
    const words = fit(t.start.facts, { size: `${video.width}×${video.height}`, fps: number(video.fps), duration: duration === null ? "–" : clock(duration) });
    about.textContent = `${words}, ${bytes(size)}`;
    const item = files.get(file);
    if (item !== undefined) item.bytes ??= size;
  } catch (error) {
    if (!isAbort(error)) about.textContent = error.message;
  }
}

const estimate = createEstimate(
  () => {
    const { request, wrong } = read();
    return wrong !== null || files.size === 0 ? null : { files: [...files.values()], request };
  },
  (answer) => {
    told = files.size === 1 ? (answer.command ?? null) : null;
    showCommand();
  },
);

const first = createFirstFrame(() => {
  const [item] = files.values();
  const { request, wrong } = read();
  if (lists.settings.preview_first === false || item === undefined || wrong !== null || !request.style) return null;
  // Of several styles, each of which makes an output, the first that was chosen.
  const style = byId("chain").checked ? request.style : (cards.chosen()[0] ?? request.style);
  return { file: item.file, request: { ...request, style }, of: Math.max(1, cards.outputs()) };
});

function showCommand() {
  const { request } = read();
  byId("command").textContent = told ?? commandLine([...files.keys()], request, byId("to").value || null);
}

function review() {
  told = null;
  byId("wrong").textContent = "";
  byId("sum").textContent = sumOf(files.size, cards, lists);
  showCommand();
  estimate.review();
  first.review();
}

/** Adds jobs; where an output exists, a person decides whether it is replaced. Gives undefined where it is not. */
async function postOrReplace(body) {
  try {
    return await post("/jobs", body, { headers: { "Idempotency-Key": key.id } });
  } catch (error) {
    if (error.status !== 409) throw error;
    const words = t.start.replaceWords;
    if (!(await confirmed({ title: error.message, words, action: t.start.replace }))) return undefined;
    const replacing = { ...body, request: { ...body.request, existing: "replace" } };
    return post("/jobs", replacing, { headers: { "Idempotency-Key": crypto.randomUUID() } });
  }
}

async function add() {
  const { request, wrong } = read();
  const why = files.size === 0 ? (uploads.busy() ? t.start.wrongUploads : t.start.wrongFiles) : uploads.busy() ? t.start.wrongUploads : wrong;
  byId("wrong").textContent = why ?? "";
  if (why !== null) return;
  const body = { files: [...files.keys()], request, folder: byId("to").value || null };
  // The same key for the same try, so that a broken connection does not make the jobs twice.
  if (key.body !== JSON.stringify(body)) key = { body: JSON.stringify(body), id: crypto.randomUUID() };
  const button = byId("add");
  button.disabled = true;
  button.textContent = t.start.adding;
  const made = await attempt("add", () => postOrReplace(body));
  button.disabled = false;
  button.textContent = t.start.add;
  // A button that was disabled has lost the focus.
  button.focus();
  if (made === undefined) return;
  key = { body: "", id: "" };
  for (const file of files.keys()) browser.drop(file);
  files.clear();
  showFiles();
  say(many(t.start.added, made.items.length));
  byId("wrong").replaceChildren();
  const line = el("p", { class: "note done" }, `${many(t.start.added, made.items.length)}. `, el("a", { href: "/queue" }, t.start.seeQueue));
  document.querySelector(".side .note")?.remove();
  byId("wrong").before(line);
}

const form = byId("start");
form.addEventListener("submit", (event) => event.preventDefault());
// Choosing files and styles has its own way to this.
form.addEventListener("input", (event) => event.target.closest("#browser, #styles, .search") === null && review());
byId("add").addEventListener("click", add);
byId("copy-command").addEventListener("click", () => copy(byId("command").textContent, byId("command")));

function showPresets() {
  byId("preset").append(...lists.presets.map(({ name }) => el("option", { value: name }, name)));
  const explain = () => {
    byId("preset-help").textContent = lists.presets.find(({ name }) => name === byId("preset").value)?.description ?? t.start.presetHelp;
  };
  byId("preset").addEventListener("change", explain);
  byId("preset").value = lists.settings.preset ?? "";
  explain();
}

await attempt("start", async () => {
  const styles = await all("/styles");
  cards = createStyleCards(byId("styles"), styles, { chain: byId("chain"), order: byId("order"), find: byId("find-style"), none: "no-style", changed: review });
  lists.settings = await get("/settings");
  lists.qualities = (await get("/qualities")).items;
  lists.presets = await all("/presets");
  showPresets();
  to.set(lists.settings.folder);
  const quality = form.elements.quality;
  if (lists.settings.quality) quality.value = lists.settings.quality;
  const query = new URLSearchParams(location.search);
  for (const file of query.getAll("file")) files.set(file, { file, name: nameOf(file), browsed: false });
  if (query.has("style")) {
    byId("chain").checked = query.get("style").includes("+");
    cards.set(query.get("style").split(/[+,]/));
  }
});
showFiles();
