// Waits for work that the server does in the background.

import { getTask, Problem } from "./api.js";
import { on } from "./events.js";
import { T } from "./words.js";

// Events may be lost, so that a task is also asked for now and then.
const ASK_EVERY = 2000;
const ENDED = ["done", "failed", "cancelled"];

/** Whether a task has come to its end. */
export const hasEnded = (task) => ENDED.includes(task.state);

/** Waits until `task` has ended; `told` is given the task whenever something has changed. Gives the task with its result. */
export function ended(task, told) {
  return new Promise((resolve, reject) => {
    let timer = 0;
    let asking = false;
    let over = false;
    const leave = on("task", (event) => {
      if (event?.id === task.id) look(event);
    });
    const finish = (act) => {
      over = true;
      clearTimeout(timer);
      leave();
      act();
    };
    const look = (now) => {
      if (over) return;
      told(now);
      if (!hasEnded(now)) return;
      if (now.state === "failed") finish(() => reject(failureOf(now)));
      else if (now.state === "cancelled") finish(() => reject(new Problem(0, T.clips.cancelled, "")));
      else if (now.result) finish(() => resolve(now));
      // An event has no result.
      else ask();
    };
    const ask = async () => {
      if (asking || over) return;
      asking = true;
      try {
        const now = await getTask(task.id);
        asking = false;
        look(now);
      } catch (error) {
        asking = false;
        // A server that is not there may come back; a task that it does not know will not.
        if (error.status === 404) finish(() => reject(error));
      }
    };
    const again = () => {
      timer = setTimeout(() => {
        ask();
        again();
      }, ASK_EVERY);
    };
    again();
    look(task);
  });
}

function failureOf({ error, words }) {
  if (typeof error === "string") return new Problem(0, error, "");
  return new Problem(0, error?.title ?? words ?? "", error?.detail ?? "");
}
