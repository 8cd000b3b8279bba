// The models that were trained: how far each is, its learning curve, its versions.

import { confirmed } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { on, onGap } from "./feed.js";
import { span, value, whole } from "./format.js";
import { lossCurve } from "./loss-curve.js";
import { all, ask, post } from "./request.js";
import { attempt, say } from "./say.js";
import { fit, t } from "./words.js";

const w = t.train;
const rows = new Map();

/** Shows a model as it is now. */
export function showTraining(training) {
  const old = rows.get(training.name);
  const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.act : undefined;
  const now = row(training);
  if (old === undefined) byId("trainings").append(now);
  else old.replaceWith(now);
  rows.set(training.name, now);
  byId("none").hidden = true;
  // What was pressed may be another button now.
  if (focused !== undefined) (now.querySelector(`[data-act="${focused}"]`) ?? now).focus();
}

function row(training) {
  const { name, state, versions, progress, error } = training;
  const newest = versions.at(-1);
  const learns = newest?.learns_from.join(", ") ?? "";
  return el(
    "article",
    { id: `training-${name}`, class: "training", tabIndex: -1, "aria-label": name },
    el("h3", {}, name, " ", el("span", { class: "tag" }, w.states[state])),
    learns === "" ? null : el("p", { class: "quiet" }, fit(w.learnsFrom, { files: learns })),
    progress === null ? null : running(name, progress),
    error === null ? null : el("p", { class: "wrong" }, error.title, error.detail === "" ? "" : `: ${error.detail}`),
    newest === undefined ? null : lossCurve(newest, progress),
    el("p", { class: "buttons" }, buttons(training)),
    versions.length === 0 ? null : versionsTable(training),
  );
}

function running(name, progress) {
  const words = progress.steps_per_second === null
    ? w.reads
    : fit(w.progress, { step: whole(progress.step), steps: whole(progress.steps), loss: value(progress.loss), speed: value(progress.steps_per_second), left: span(progress.left) });
  return el("p", { class: "task" }, el("span", {}, words), el("progress", { max: progress.steps, value: progress.step, "aria-label": fit(w.progressOf, { name }) }));
}

function buttons({ name, state, current, versions }) {
  const act = (id, label, path) => el("button", { type: "button", "data-act": id, onclick: () => change(() => post(`/trainings/${name}/${path}`)) }, label);
  const isFirst = !versions.some(({ name: version, state: was }) => was === "promoted" && version < (current ?? ""));
  return [
    state === "running" ? act("stop", w.stop, "stop") : null,
    state === "stopped" && document.body.dataset.train === "yes" ? act("resume", w.goOn, "resume") : null,
    isFirst ? null : act("rollback", w.rollBack, "rollback"),
  ];
}

function versionsTable({ name, current, versions }) {
  const line = (version) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, version.name),
      el("td", {}, version.name === current ? el("strong", {}, w.inUse) : w.versions[version.state], version.why === "" ? null : el("span", { class: "quiet hint" }, version.why)),
      el("td", { class: "right" }, version.steps_asked === null ? whole(version.steps) : fit(w.stepsOf, { steps: whole(version.steps), all: whole(version.steps_asked) })),
      el("td", { class: "right" }, value(version.first_loss)),
      el("td", { class: "right" }, value(version.best_loss)),
      el("td", { class: "right act" }, version.name === current || !["promoted", "rejected"].includes(version.state) ? null : el("button", { type: "button", "data-act": `promote-${version.name}`, "aria-label": fit(w.promoteOne, { name, version: version.name }), onclick: () => promote(name, version) }, w.promote)),
    );
  const heading = (text, kind = "") => el("th", { scope: "col", class: kind }, text);
  return el(
    "div",
    { class: "scroll", tabIndex: 0, role: "group", "aria-label": fit(w.versionsOf, { name }) },
    el("table", { class: "versions" }, el("thead", {}, el("tr", {}, heading(w.version), heading(w.state), heading(w.steps, "right"), heading(w.lossFirst, "right"), heading(w.lossBest, "right"), el("th", { scope: "col" }, el("span", { class: "unseen" }, w.actions)))), el("tbody", {}, [...versions].reverse().map(line))),
  );
}

async function promote(name, version) {
  const isRejected = version.state === "rejected";
  if (isRejected && !(await confirmed({ title: fit(w.promoteTitle, { name, version: version.name }), words: version.why, action: w.promote }))) return;
  await change(() => ask("PUT", `/trainings/${name}/current`, { body: { version: version.name } }));
}

async function change(act) {
  const training = await attempt("trainings", act);
  if (training === undefined) return;
  showTraining(training);
  say(fit(w.isNow, { name: training.name, state: w.states[training.state].toLowerCase(), version: training.current ?? w.noVersion }));
}

const load = () => attempt("trainings", async () => (await all("/trainings")).forEach(showTraining));

on("training", showTraining);
onGap(load);
await load();
