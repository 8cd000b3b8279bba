// The page "Analyse": a file is looked at, and what was found is shown.

import { showAnalysis } from "./analysis.js";
import { chooseFile } from "./chooser.js";
import { byId, el } from "./dom.js";
import { on, onGap } from "./feed.js";
import { get, post, remove } from "./request.js";
import { announce, attempt } from "./say.js";
import { t } from "./words.js";

const a = t.analyse;
const ENDED = ["done", "failed", "cancelled"];
const tasks = new Map();
const rows = new Map();
// The file of each analysis that this page has begun: a task does not say it before it is done.
const files = new Map();
let file = new URLSearchParams(location.search).get("file");
let wanted = null;

function setFile(name) {
  file = name;
  byId("file").value = name ?? "";
  byId("begin").disabled = name === null;
}

function createRow(task) {
  const parts = {
    name: el("strong", { class: "name" }),
    words: el("span", { class: "quiet" }),
    bar: el("progress", { max: 1, "aria-label": a.progress }),
    stop: el("button", { type: "button", onclick: () => attempt("tasks", () => remove(`/tasks/${task.id}`)) }, t.common.cancel),
    show: el("button", { type: "button", onclick: () => open(task.id) }, a.show),
  };
  const row = el("li", { class: "task" }, parts.name, parts.words, parts.bar, el("span", { class: "buttons" }, parts.stop, parts.show));
  row.parts = parts;
  return row;
}

function take(task) {
  if (task.kind !== "analysis") return;
  const before = tasks.get(task.id);
  tasks.set(task.id, { ...before, ...task, result: task.result ?? before?.result ?? null });
  let row = rows.get(task.id);
  if (row === undefined) {
    row = createRow(task);
    rows.set(task.id, row);
    byId("tasks").prepend(row);
    byId("tasks-part").hidden = false;
  }
  const { parts } = row;
  const isEnded = ENDED.includes(task.state);
  parts.name.textContent = files.get(task.id) ?? task.file ?? task.result?.input?.split("/").pop() ?? task.id;
  parts.words.textContent = [{ queued: a.waiting }[task.state] ?? a[task.state], isEnded ? null : task.words].filter(Boolean).join(", ");
  parts.bar.hidden = isEnded;
  if (task.progress === null || task.progress === undefined) parts.bar.removeAttribute("value");
  else parts.bar.value = task.progress;
  parts.stop.hidden = isEnded;
  parts.show.hidden = task.state !== "done";
  if (task.id === wanted && isEnded && before?.state !== task.state) ended(task);
}

function ended(task) {
  announce(task.state === "done" ? a.ready : a.failedWords);
  if (task.state === "done") open(task.id);
  else if (task.state === "failed") attempt("analysis", async () => Promise.reject(Object.assign(new Error(a.failedWords), { detail: task.error?.detail ?? task.error?.title ?? task.error ?? "" })));
}

async function open(id) {
  await attempt("analysis", async () => {
    const task = await get(`/tasks/${id}`);
    tasks.set(id, task);
    const of = files.get(id) ?? task.file ?? null;
    byId("found").hidden = false;
    showAnalysis(byId("found-in"), task.result, { file: of, page: task.page });
    byId("found").focus({ preventScroll: true });
    byId("found").scrollIntoView();
  });
}

byId("choose").addEventListener("click", async () => {
  const chosen = await chooseFile({ accept: ({ kind }) => kind === "video" || kind === "picture" });
  if (chosen !== null) setFile(chosen);
});
byId("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (file === null) return;
  const asked = file;
  const fast = event.target.elements.how.value === "fast";
  const task = await attempt("analysis", () => post("/analyses", { file: asked, fast }));
  if (task === undefined) return;
  files.set(task.id, asked);
  wanted = task.id;
  take(task);
  announce(a.running);
});

async function load() {
  await attempt("tasks", async () => (await get("/tasks")).items.forEach(take));
}

on("task", take);
onGap(load);
setFile(file);
await load();
