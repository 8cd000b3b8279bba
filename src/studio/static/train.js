// The page "Train": what is to be learnt, and the trainings.

import { chooseFile, chooseFolder } from "./chooser.js";
import { copy } from "./copy.js";
import { commandLine } from "./command-line.js";
import { byId } from "./dom.js";
import { post } from "./request.js";
import { attempt, say } from "./say.js";
import { showTraining } from "./trainings.js";
import { fit, t } from "./words.js";

const USUAL = { steps: "2000", scale: "4", weight: "0.5", loss: "l1" };
const FLAGS = { look: [["name", "name"], ["picture", "style_image"], ["content", "content"], ["steps", "steps"], ["scale", "style_scale"], ["weight", "content_weight"]], pairs: [["name", "name"], ["data", "data"], ["loss", "loss"], ["steps", "steps"]] };
const NUMBERS = ["steps", "scale", "weight"];

const form = byId("train");

const fields = () => FLAGS[form.elements.kind.value];

// What is usual needs no flag.
function show() {
  const kind = form.elements.kind.value;
  for (const field of form.querySelectorAll("[data-for]")) field.hidden = field.dataset.for !== kind;
  const pairs = fields().flatMap(([id, flag]) => {
    const value = byId(id).value.trim() || (USUAL[id] ? "" : byId(id).placeholder);
    return value === "" || value === USUAL[id] ? [] : [[flag, value]];
  });
  byId("command").textContent = commandLine([], Object.fromEntries(pairs)).replace("aquatint FILE", "aquatint train");
}

function body() {
  const entries = fields().flatMap(([id, flag]) => {
    const value = byId(id).value.trim();
    if (value === "") return [];
    if (id === "content") return [[flag, [value]]];
    return [[flag, NUMBERS.includes(id) ? Number(value) : value]];
  });
  return Object.fromEntries(entries);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const training = await attempt("train", () => post("/trainings", { name: "", ...body() }));
  if (training === undefined) return;
  showTraining(training);
  say(fit(t.train.begun, { name: training.name }));
  byId(`training-${training.name}`).focus();
});
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
show();
