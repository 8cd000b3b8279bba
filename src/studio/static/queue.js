// The page "Queue": all jobs, kept in step with the server.

import { actOn, moveJob } from "./job-actions.js";
import { fillDetails } from "./job-details.js";
import { createOrder } from "./job-order.js";
import { createRow, partOf, updateProgress, updateRow } from "./job-row.js";
import { followPictures } from "./job-pictures.js";
import { byId } from "./dom.js";
import { on, onGap } from "./feed.js";
import { createFilters } from "./queue-filters.js";
import { followMachine } from "./machine.js";
import { showStatus } from "./queue-status.js";
import { all, get, withQuery } from "./request.js";
import { attempt } from "./say.js";
import { forget } from "./thumbs.js";

const PARTS = ["running", "queued", "ended"];
const ENDED = ["done", "failed", "cancelled"];
const NOT_ENDED = "running,pausing,cancelling,queued,paused";

const jobs = new Map();
const rows = new Map();
const lists = Object.fromEntries(PARTS.map((part) => [part, byId(part)]));
// Where the list of ended jobs goes on, by filter.
const cursors = new Map();
let request = new AbortController();
let isDue = false;

const filters = createFilters(() => {
  arrangeSoon();
  if (!cursors.has(endedStates())) attempt("queue", loadEnded);
});
const order = createOrder(lists.queued, move);

const endedStates = () => (ENDED.includes(filters.state()) ? filters.state() : ENDED.join(","));

/** Takes a job as the server has it now. */
function take(job) {
  const before = jobs.get(job.id);
  // The progress comes by events of its own.
  jobs.set(job.id, job);
  let row = rows.get(job.id);
  if (row === undefined) {
    row = createRow(job);
    rows.set(job.id, row);
  }
  updateRow(row, job);
  if (row.parts.details.open && before !== undefined && (before.state !== job.state || before.outputs.length !== job.outputs.length)) fillDetails(row.parts.details, job);
  arrangeSoon();
}

function drop(id) {
  const row = rows.get(id);
  if (row !== undefined) forget(row);
  row?.remove();
  rows.delete(id);
  jobs.delete(id);
  arrangeSoon();
}

const byPlace = (a, b) => b.priority - a.priority || a.position - b.position || a.id - b.id;
const byEnd = (a, b) => Date.parse(b.ended ?? b.created) - Date.parse(a.ended ?? a.created) || b.id - a.id;

function arrangeSoon() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    arrange();
  });
}

// Rows that are in their place already are not touched, so that the focus and open details stay.
function arrange() {
  const sorted = { running: [], queued: [], ended: [] };
  for (const job of jobs.values()) sorted[partOf(job)].push(job);
  const held = document.activeElement;
  for (const part of PARTS) {
    sorted[part].sort(part === "ended" ? byEnd : byPlace);
    let shown = 0;
    let at = lists[part].firstElementChild;
    for (const job of sorted[part]) {
      const row = rows.get(job.id);
      row.hidden = !filters.matches(job);
      if (!row.hidden) shown += 1;
      if (row === at) at = at.nextElementSibling;
      else lists[part].insertBefore(row, at);
    }
    byId(`${part}-none`).hidden = shown > 0;
    byId(`${part}-part`).hidden = shown === 0 && filters.hides(part);
  }
  byId("move-help").hidden = lists.queued.children.length < 2;
  if (held !== document.activeElement && held?.isConnected) held.focus();
}

/** Moves a job at once; the server's answer follows. */
async function move(job, target, where) {
  const others = [...jobs.values()].filter((other) => partOf(other) === "queued" && other.id !== job.id).sort(byPlace);
  const at = others.findIndex((other) => other.id === target.id);
  const beside = others[where === "before" ? at - 1 : at + 1];
  const isBeside = beside !== undefined && beside.priority === target.priority;
  const step = where === "before" ? -1 : 1;
  take({ ...job, priority: target.priority, position: isBeside ? (target.position + beside.position) / 2 : target.position + step });
  await moveJob(job, { [where]: target.id });
  loadQueued().catch(() => {});
}

async function loadQueued() {
  const items = await all("/jobs", { state: NOT_ENDED }, { signal: request.signal, each: (some) => some.forEach(take) });
  const there = new Set(items.map(({ id }) => id));
  for (const [id, job] of jobs) if (partOf(job) !== "ended" && !there.has(id)) drop(id);
}

async function loadEnded() {
  const states = endedStates();
  const page = await get(withQuery("/jobs", { state: states, limit: 100, cursor: cursors.get(states) }), { signal: request.signal });
  cursors.set(states, page.next);
  page.items.forEach(take);
  byId("more").hidden = page.next === null;
}

async function load() {
  request.abort();
  request = new AbortController();
  cursors.clear();
  await attempt("queue", async () => {
    await loadQueued();
    await loadEnded();
  });
  showStatus();
}

const STEPS = ["up", "down", "top", "last"];

async function click(event) {
  const button = event.target.closest("[data-act]");
  const row = button?.closest(".job");
  if (!row || button.dataset.act === "handle") return;
  const { act } = button.dataset;
  if (STEPS.includes(act)) {
    order.step(row, act);
    return;
  }
  button.disabled = true;
  const result = await actOn(act, row.job);
  button.disabled = false;
  if (result?.removed !== undefined) drop(result.removed);
  else if (result?.id !== undefined) take(result);
  showStatus();
}

for (const list of Object.values(lists)) {
  list.addEventListener("click", click);
  list.addEventListener("toggle", (event) => event.target.open && fillDetails(event.target, event.target.closest(".job").job), true);
}
byId("more").addEventListener("click", () => attempt("queue", loadEnded));

on("job", (job) => {
  take(job);
  showStatus();
});
on("removed", ({ id }) => drop(id));
on("progress", (progress) => {
  const row = rows.get(progress.id);
  if (row === undefined || partOf(row.job) !== "running") return;
  row.job.progress = progress;
  updateProgress(row, progress);
});
onGap(load);
followPictures(lists.running);
followMachine(byId("machine"));

await load();
const wanted = new URLSearchParams(location.search).get("job");
if (wanted !== null && !jobs.has(Number(wanted))) await attempt("queue", async () => take(await get(`/jobs/${wanted}`)));
requestAnimationFrame(() => {
  const row = rows.get(Number(wanted));
  if (row === undefined) return;
  row.parts.details.open = true;
  row.scrollIntoView({ block: "center" });
});
