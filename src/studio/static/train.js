// The page "Train": the command that trains, and trainings that run.

import { chooseFile, chooseFolder } from "./chooser.js";
import { copy } from "./copy.js";
import { commandLine } from "./command-line.js";
import { byId, el } from "./dom.js";
import { on, onGap } from "./feed.js";
import { get } from "./request.js";
import { attempt } from "./say.js";
import { t } from "./words.js";

const USUAL = { steps: "2000", scale: "4", weight: "0.5", loss: "l1" };
const FLAGS = { look: [["name", "name"], ["picture", "style_image"], ["content", "content"], ["steps", "steps"], ["scale", "style_scale"], ["weight", "content_weight"]], pairs: [["name", "name"], ["data", "data"], ["loss", "loss"], ["steps", "steps"]] };

const form = byId("train");
const rows = new Map();

// What is usual needs no flag.
function show() {
  const kind = form.elements.kind.value;
  for (const field of form.querySelectorAll("[data-for]")) field.hidden = field.dataset.for !== kind;
  const pairs = FLAGS[kind].flatMap(([id, flag]) => {
    const value = byId(id).value.trim() || (USUAL[id] ? "" : byId(id).placeholder);
    return value === "" || value === USUAL[id] ? [] : [[flag, value]];
  });
  byId("command").textContent = commandLine([], Object.fromEntries(pairs)).replace("aquatint FILE", "aquatint train");
}

function take(task) {
  if (task.kind !== "training") return;
  let row = rows.get(task.id);
  if (row === undefined) {
    row = el("li", { class: "task" }, el("strong", {}, task.id), el("span", { class: "quiet" }), el("progress", { max: 1, "aria-label": task.id }));
    rows.set(task.id, row);
    byId("tasks").prepend(row);
  }
  const [, words, bar] = row.children;
  words.textContent = [t.analyse[task.state] ?? task.state, task.words].filter(Boolean).join(", ");
  bar.hidden = task.state !== "running";
  if (task.progress === null || task.progress === undefined) bar.removeAttribute("value");
  else bar.value = task.progress;
  byId("none").hidden = rows.size > 0;
}

const load = () => attempt("tasks", async () => (await get("/tasks")).items.forEach(take));

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", show);
form.addEventListener("click", async (event) => {
  const id = event.target.dataset.choose;
  if (!id) return;
  const chosen = id === "picture" ? await chooseFile({ accept: ({ kind }) => kind === "picture" }) : await chooseFolder();
  if (chosen === null) return;
  byId(id).value = chosen;
  show();
});
byId("copy-command").addEventListener("click", () => copy(byId("command").textContent, byId("command")));
on("task", take);
onGap(load);
show();
await load();
