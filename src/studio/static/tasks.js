// Tasks of the server: started, followed, and read when they are done.

import { on } from "./feed.js";
import { get, isAbort, Problem } from "./request.js";
import { t } from "./words.js";

// Events may be lost, or off while a video has the connections: a task is also asked for now and then.
const EVERY = 2000;
const ENDED = ["done", "failed", "cancelled"];

/** Whether a task has come to its end. */
export const hasEnded = (task) => ENDED.includes(task.state);

/** Follows a task to its end and gives it with its result. `progress` is called with each change. */
export function finished(task, { signal, progress = () => {} } = {}) {
  return new Promise((done, refuse) => {
    let timer = 0;
    let isAsking = false;
    let isOver = false;
    const leave = on("task", (event) => event.id === task.id && take(event));
    const end = (act, value) => {
      isOver = true;
      clearTimeout(timer);
      leave();
      act(value);
    };
    const take = (now, isWhole = false) => {
      if (isOver) return;
      progress(now);
      if (!hasEnded(now)) return;
      if (now.state !== "done") end(refuse, failure(now));
      // An event has no result.
      else if (now.result || isWhole) end(done, now);
      else ask();
    };
    const ask = async () => {
      if (isAsking || isOver) return;
      isAsking = true;
      try {
        const now = await get(`/tasks/${encodeURIComponent(task.id)}`, { signal, low: true });
        isAsking = false;
        take(now, true);
      } catch (error) {
        isAsking = false;
        // A server that is not there may come back; a task that it does not know will not.
        if (error.status === 404 || isAbort(error)) end(refuse, error);
      }
    };
    const poll = () => {
      timer = setTimeout(() => {
        ask();
        if (!isOver) poll();
      }, EVERY);
    };
    signal?.addEventListener("abort", () => end(refuse, signal.reason));
    poll();
    take(task);
  });
}

function failure({ state, error, words }) {
  if (state === "cancelled") return new Problem(0, t.common.cancelled);
  if (typeof error === "string") return new Problem(0, error);
  return new Problem(0, error?.title ?? words ?? t.common.failed, error?.detail ?? "");
}
