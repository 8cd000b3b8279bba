// What can be done with a job.

import { confirmed, openDialog } from "./dialogs.js";
import { byId } from "./dom.js";
import { duplicate } from "./duplicate.js";
import { patch, post, remove } from "./request.js";
import { attempt } from "./say.js";
import { fit, t } from "./words.js";

const q = t.queue;

async function cancel(job) {
  // Nothing is lost of a job that has not begun.
  const hasParts = job.state !== "queued" || job.attempts > 0;
  if (!hasParts) return post(`/jobs/${job.id}/cancel`, { keep: false });
  const said = await openDialog(byId("cancel-dialog"));
  return said === "" ? null : post(`/jobs/${job.id}/cancel`, { keep: said === "keep" });
}

async function forget(job) {
  const yes = await confirmed({ title: fit(q.forgetTitle, { name: job.name }), words: q.forgetWords, action: q.forget });
  if (!yes) return null;
  await remove(`/jobs/${job.id}`);
  return { removed: job.id };
}

const ACTS = {
  pause: (job) => post(`/jobs/${job.id}/pause`),
  "pause-now": (job) => post(`/jobs/${job.id}/pause`, { now: true }),
  resume: (job) => post(`/jobs/${job.id}/resume`),
  retry: (job) => post(`/jobs/${job.id}/retry`),
  top: (job) => patch(`/jobs/${job.id}`, { place: "first" }),
  cancel,
  forget,
  duplicate,
};

/** Does `act` with a job. Gives the job as it is now, `{removed}`, or undefined. */
export async function actOn(act, job) {
  const what = ACTS[act];
  if (what === undefined) return undefined;
  return (await attempt(`job-${job.id}`, () => what(job))) ?? undefined;
}

/** Moves a job before or after another one. */
export const moveJob = (job, place) => attempt(`job-${job.id}`, () => patch(`/jobs/${job.id}`, place));
