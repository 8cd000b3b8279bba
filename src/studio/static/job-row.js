// One row of the queue: made once, then only what has changed is written.

import { el, icon } from "./dom.js";
import { number, span, whole } from "./format.js";
import { fit, t } from "./words.js";

const q = t.queue;
const ACTIVE = ["running", "pausing", "cancelling"];

/** The part of the page a job belongs to. */
export function partOf(job) {
  if (ACTIVE.includes(job.state)) return "running";
  return job.state === "queued" || job.state === "paused" ? "queued" : "ended";
}

const button = (act, label, more = {}) => el("button", { type: "button", "data-act": act, ...more }, label);
const small = (act, picture, label) => el("button", { type: "button", class: "icon-button", "data-act": act, "aria-label": label, title: label }, icon(picture));

function buttonsOf(job) {
  if (job.read_only) return [];
  const order = () => [small("top", "top", q.top), small("up", "up", q.up), small("down", "down", q.down)];
  const sets = {
    queued: () => [...order(), button("pause", q.pause), button("cancel", q.cancel)],
    paused: () => [...order(), button("resume", q.resume, { class: "main" }), button("cancel", q.cancel)],
    running: () => [button("pause", q.pause), button("cancel", q.cancel)],
    pausing: () => [button("pause-now", q.pauseNow, { title: q.pauseNowHelp }), button("cancel", q.cancel)],
    cancelling: () => [],
    done: () => [el("a", { class: "button", href: `/results?job=${job.id}` }, q.result)],
    failed: () => [button("retry", q.retry, { class: "main" }), button("duplicate", q.duplicate)],
    cancelled: () => [button("retry", q.retry)],
  };
  return (sets[job.state] ?? sets.cancelling)();
}

/** A new row. */
export function createRow(job) {
  const parts = {
    handle: el("button", { type: "button", class: "handle", "data-act": "handle", "aria-label": fit(q.handle, { name: job.name }), "aria-describedby": "move-help" }, icon("grip")),
    picture: el("img", { alt: fit(q.picture, { name: job.name }), hidden: true }),
    badge: el("span", { class: "badge" }),
    name: el("strong", { class: "name" }, job.name),
    about: el("span", { class: "quiet about" }),
    bar: el("progress", { max: 1, "aria-label": fit(q.progress, { name: job.name }), hidden: true }),
    facts: el("p", { class: "job-facts" }),
    note: el("p", { class: "job-note", hidden: true }),
    buttons: el("div", { class: "buttons", role: "group", "aria-label": fit(q.actions, { name: job.name }) }),
    details: el("details", {}, el("summary", {}, q.details, el("span", { class: "unseen" }, ` ${job.name}`))),
  };
  const row = el(
    "li",
    { class: "job", id: `job-${job.id}` },
    parts.handle,
    el("div", { class: "job-picture" }, parts.picture),
    el("div", { class: "job-main" }, el("p", { class: "job-head" }, parts.badge, parts.name, parts.about), parts.bar, parts.facts, parts.note),
    parts.buttons,
    parts.details,
  );
  row.dataset.id = job.id;
  row.parts = parts;
  row.written = {};
  return row;
}

/** Sets a text or another property of a part only when it differs: most events change little. */
function write(row, name, value, set) {
  if (row.written[name] === value) return;
  row.written[name] = value;
  set(value);
}

function aboutOf(job) {
  const { style, preset, crf, size, scale } = job.request;
  const from = job.origin === "command" ? q.fromCommand : job.origin === "api" ? q.fromApi : job.origin?.startsWith("folder:") ? q.fromFolder : null;
  const words = [style?.replaceAll("+", " + ").replaceAll(",", ", "), preset, size ?? (scale ? `${scale}x` : null), crf === undefined ? null : `CRF ${crf}`, from];
  return words.filter(Boolean).join(" · ");
}

function factsOf(job) {
  const took = job.started && job.ended ? fit(q.took, { time: span((Date.parse(job.ended) - Date.parse(job.started)) / 1000) }) : null;
  return [partOf(job) === "ended" ? took : null, job.attempts > 1 ? fit(q.attempts, { n: job.attempts }) : null].filter(Boolean).join(" · ");
}

/** Writes what has changed of a job. */
export function updateRow(row, job) {
  const { parts } = row;
  const part = partOf(job);
  row.job = job;
  write(row, "state", `${job.state} ${job.read_only}`, () => {
    row.dataset.state = job.state;
    parts.badge.textContent = q.states[job.state] ?? job.state;
    const held = parts.buttons.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    parts.buttons.replaceChildren(...buttonsOf(job));
    if (held !== null) (parts.buttons.querySelector(`[data-act="${held}"]`) ?? parts.buttons.querySelector("button, a"))?.focus();
    parts.handle.hidden = part !== "queued" || job.read_only;
    row.draggable = !parts.handle.hidden;
    parts.bar.hidden = part !== "running";
    if (part !== "running") parts.picture.hidden = true;
  });
  write(row, "about", aboutOf(job), (text) => (parts.about.textContent = text));
  write(row, "note", noteOf(job), (text) => {
    parts.note.textContent = text;
    parts.note.hidden = text === "";
    parts.note.classList.toggle("wrong", job.error !== null && job.error !== undefined);
  });
  if (part === "running" && job.progress) updateProgress(row, job.progress);
  else if (part === "running") updateProgress(row, { stage: "waiting", frame: 0, frames: null });
  else write(row, "facts", factsOf(job), (text) => (parts.facts.textContent = text));
}

function noteOf(job) {
  if (job.error) return [job.error.title, job.error.detail].filter(Boolean).join(". ");
  if (job.state === "pausing") return q.pausingWords;
  return job.read_only && partOf(job) === "running" ? q.readOnly : "";
}

function gpuOf({ device, gpu }) {
  if (!device) return null;
  const facts = [device];
  if (gpu?.utilisation !== undefined && gpu?.utilisation !== null) facts.push(`${whole(gpu.utilisation)} %`);
  if (gpu?.temperature) facts.push(`${whole(gpu.temperature)} °C`);
  return facts.join(" ");
}

/** Writes how far a job is. */
export function updateProgress(row, progress) {
  const { parts } = row;
  const { stage, frame = 0, frames, fps, eta_s: eta, chunks } = progress;
  const words = [
    q.stages[stage] ?? stage,
    frames ? fit(q.frames, { frame: whole(frame), frames: whole(frames) }) : frame > 0 ? fit(q.frame, { frame: whole(frame) }) : null,
    fps ? fit(q.fps, { fps: number(fps) }) : null,
    chunks ? fit(q.chunks, chunks) : null,
    eta !== null && eta !== undefined ? fit(q.eta, { time: span(eta) }) : null,
    gpuOf(progress),
  ];
  write(row, "facts", words.filter(Boolean).join(" · "), (text) => (parts.facts.textContent = text));
  write(row, "bar", frames ? frame / frames : null, (share) => (share === null ? parts.bar.removeAttribute("value") : (parts.bar.value = share)));
}
