// Renders the whole clip with a setting: as a job in the queue.

import { byId, el } from "/dom.js";
import { clearProblem, say, showProblem } from "/say.js";
import { addJob } from "./api.js";
import { T } from "./words.js";
import { onChange, state } from "./state.js";
import { plainName } from "./sides.js";
import { hasFile, requestOf } from "./clips.js";

const button = byId("add-job");

/** Adds the setting in use to the queue. */
async function add() {
  const name = plainName(state.setting);
  const body = { files: [state.style.input.file], request: requestOf(state.setting), folder: null, output: null, priority: 0, paused: false };
  button.disabled = true;
  try {
    const { items } = await addJob(body, crypto.randomUUID());
    clearProblem("queue");
    say(T.queued(name, items.map(({ id }) => id).join(", ")), el("a", { href: "/queue" }, T.queue.see));
  } catch (error) {
    showProblem("queue", error);
  } finally {
    button.disabled = !hasFile();
  }
}

/** Makes the button work. */
export function followQueue() {
  button.addEventListener("click", add);
  onChange((names) => {
    if (!names.has("style")) return;
    button.disabled = !hasFile();
    button.title = hasFile() ? T.queue.addHelp : T.clips.needsFile;
  });
}
