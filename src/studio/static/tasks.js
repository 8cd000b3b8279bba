// Tasks of the server: started, followed, and read when they are done.

import { on } from "./feed.js";
import { get, Problem } from "./request.js";
import { t } from "./words.js";

const ENDED = ["done", "failed", "cancelled"];
const EVERY = 2000;
const followers = new Map();

on("task", (task) => followers.get(task.id)?.(task));

/** Follows a task to its end and gives it with its result. `progress` is called with each change. */
export function finished(task, { signal, progress = () => {} } = {}) {
  return new Promise((done, refuse) => {
    let timer = 0;
    let isRead = false;
    const end = (act, value) => {
      clearTimeout(timer);
      followers.delete(task.id);
      act(value);
    };
    const take = async (now) => {
      if (isRead) return;
      progress(now);
      if (!ENDED.includes(now.state)) return;
      isRead = true;
      try {
        // Events have no result.
        const whole = now.result ? now : await get(`/tasks/${task.id}`, { signal });
        if (whole.state === "done") end(done, whole);
        else end(refuse, new Problem(0, whole.error?.title ?? whole.error ?? t.analyse.failedWords, whole.error?.detail ?? ""));
      } catch (error) {
        end(refuse, error);
      }
    };
    // Events may be off while a video has the connections.
    const poll = () => {
      timer = setTimeout(async () => {
        try {
          await take(await get(`/tasks/${task.id}`, { signal, low: true }));
        } catch (error) {
          end(refuse, error);
          return;
        }
        if (!isRead) poll();
      }, EVERY);
    };
    signal?.addEventListener("abort", () => end(refuse, signal.reason));
    followers.set(task.id, take);
    poll();
    take(task);
  });
}
