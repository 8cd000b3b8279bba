// Tells people when a job has ended, where they want it.

import { on, stayWhileHidden } from "./feed.js";
import { get } from "./request.js";
import { announce } from "./say.js";
import { fit, t } from "./words.js";

const ENDED = ["done", "failed"];
const states = new Map();
let wanted = false;
// Of several tabs, one listens while it is hidden.
let isTheOne = false;

const allowed = () => "Notification" in window && Notification.permission === "granted";

/** Asks the browser. Gives whether it allows notifications. */
export async function allow() {
  if (!("Notification" in window)) return false;
  return (await Notification.requestPermission()) === "granted";
}

/** Whether notifications are wanted. */
export function wish(notify) {
  wanted = notify;
  if (wanted && allowed() && !isTheOne) {
    navigator.locks?.request("aquatint-notifications", () => {
      isTheOne = true;
      // Held for as long as the page lives.
      return new Promise(() => {});
    });
  }
}

function tell(job) {
  const before = states.get(job.id);
  states.set(job.id, job.state);
  if (!ENDED.includes(job.state) || before === undefined || before === job.state) return;
  const words = fit(t.notify[job.state], { name: job.name });
  announce(words);
  if (!wanted || !allowed() || !document.hidden) return;
  const shown = new Notification(words, { tag: `aquatint-${job.id}`, body: job.error?.title ?? "" });
  shown.addEventListener("click", () => {
    focus();
    location.assign(job.state === "done" ? `/results?job=${job.id}` : `/queue?job=${job.id}`);
  });
}

/** Listens to jobs from now on. */
export async function followJobs() {
  on("job", tell);
  on("progress", ({ id }) => states.set(id, "running"));
  on("settings", ({ notify }) => notify !== undefined && wish(notify));
  stayWhileHidden(() => wanted && allowed() && isTheOne);
  try {
    wish((await get("/settings")).notify);
  } catch {
    // Without the settings there are no notifications.
  }
}
