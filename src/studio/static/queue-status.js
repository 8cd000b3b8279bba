// What holds for the whole queue: whether it is paused, how many jobs there are, and room on the disks.

import { byId, el } from "./dom.js";
import { on } from "./feed.js";
import { bytes } from "./format.js";
import { get, post } from "./request.js";
import { attempt, say } from "./say.js";
import { fit, many, t } from "./words.js";

const q = t.queue;
const PAUSE = 500;
let paused = false;
let timer = 0;
let last = 0;

function showPaused(now) {
  paused = now;
  byId("pause-all").textContent = paused ? q.resumeAll : q.pauseAll;
  byId("pause-all").classList.toggle("main", paused);
  byId("paused").hidden = !paused;
}

function showCounts(jobs) {
  const counts = { ...jobs, running: jobs.running + jobs.pausing + (jobs.cancelling ?? 0) };
  for (const button of byId("filters").children) {
    const n = counts[button.dataset.filter];
    const shown = button.querySelector(".n");
    if (shown !== null) shown.textContent = n > 0 ? n : "";
  }
  byId("retry-failed").hidden = jobs.failed === 0;
}

function showDisk(disk) {
  const low = disk.filter((one) => one.low);
  byId("disk").replaceChildren(...low.map(({ root, free_bytes: free }) => el("li", {}, fit(q.diskLow, { root, bytes: bytes(free) }))));
  byId("disk").hidden = low.length === 0;
}

async function ask() {
  last = performance.now();
  const status = await get("/status");
  showPaused(status.paused);
  showCounts(status.jobs);
  showDisk(status.disk);
}

/** Asks for the status, at most twice a second. */
export function showStatus() {
  if (timer !== 0) return;
  const wait = Math.max(0, last + PAUSE - performance.now());
  timer = setTimeout(() => {
    timer = 0;
    ask().catch(() => {});
  }, wait);
}

byId("pause-all").addEventListener("click", () =>
  attempt("queue-all", async () => {
    const answer = await post(paused ? "/queue/resume" : "/queue/pause");
    showPaused(answer.paused);
    say(answer.paused ? q.isPaused : q.isResumed);
  }),
);
byId("retry-failed").addEventListener("click", () =>
  attempt("queue-all", async () => {
    const { retried } = await post("/queue/retry-failed");
    say(many(q.retried, retried));
  }),
);
on("queue", (queue) => showPaused(queue.paused));
