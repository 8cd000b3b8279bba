// Clips of settings: asked for, waited for, and known by what they are of.

import { finished, hasEnded } from "/tasks.js";
import { askClip, cancelTask } from "./api.js";
import { fps, frameCount, loop, requestValues, SOURCE, state } from "./state.js";
import { MOST_SECONDS } from "./address.js";

const known = new Map();
const listeners = new Set();

/** Calls `listener` whenever something about a clip has changed. */
export function onClip(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of [...listeners]) listener();
}

/** Whether the session has a file that clips can be made of. */
export function hasFile() {
  return typeof state.style?.input.file === "string";
}

/** The seconds to be played: those of the loop where there is one, else some from this frame on. */
export function partNow() {
  const short = (seconds) => Number(seconds.toFixed(4));
  const [first, last] = loop();
  const whole = state.first === null && state.last === null;
  const from = whole ? state.frame : first;
  const count = whole ? Math.round(state.seconds * fps()) : last - first + 1;
  const start = from / fps();
  const least = 1 / fps();
  const duration = Math.min(count / fps(), MOST_SECONDS, Math.max(least, (frameCount() - from) / fps()));
  return { start: short(start), duration: short(duration) };
}

/** The session's request with the values of a setting: as a job takes it. */
export function requestOf(id) {
  const { request, name } = state.style;
  if (id === SOURCE) return { style: "none" };
  const set = new Map();
  for (const text of request?.set ?? []) {
    const at = text.indexOf("=");
    if (at > 0) set.set(text.slice(0, at).trim(), text.slice(at + 1).trim());
  }
  for (const [param, text] of Object.entries(requestValues(id))) set.set(param, text);
  const whole = { style: name, ...request };
  delete whole.set;
  return set.size === 0 ? whole : { ...whole, set: [...set].map(([param, text]) => `${param}=${text}`) };
}

/** What is asked for: a clip of `part` with the values of a setting. */
function bodyOf(id, part) {
  const request = requestOf(id);
  // The part is told beside it.
  for (const name of ["start", "duration", "end"]) delete request[name];
  return { file: state.style.input.file, request, ...part, lines: state.lines };
}

const keyOf = (id, part) => JSON.stringify([state.style.version, bodyOf(id, part)]);

/** What is known of a clip: its `state`, and where it is ready its `address` and `key`; null where it was not asked for. */
export function clipOf(id, part) {
  if (part === null || state.style === null || !hasFile()) return null;
  return known.get(keyOf(id, part)) ?? null;
}

/** Asks for a clip where it is not known, and waits for it. */
export function make(id, part) {
  const key = keyOf(id, part);
  const old = known.get(key);
  if (old !== undefined && old.state !== "failed") return old.whenReady;
  const clip = { state: "queued", progress: null, words: "", task: null, address: null, key: null, error: null, whenReady: null };
  known.set(key, clip);
  clip.whenReady = fetched(clip, bodyOf(id, part));
  tell();
  return clip.whenReady;
}

async function fetched(clip, body) {
  try {
    const first = await askClip(body);
    const last = await finished(first, { progress: (task) => follow(clip, task) });
    clip.address = last.result.clip;
    clip.key = last.result.clip.split("/").at(-1);
    clip.state = "done";
    return clip;
  } catch (error) {
    clip.state = "failed";
    clip.error = error;
    throw error;
  } finally {
    tell();
  }
}

function follow(clip, task) {
  clip.task = task.id;
  // What has ended is only ready with its result.
  clip.state = hasEnded(task) ? "running" : task.state;
  clip.progress = task.progress ?? null;
  clip.words = task.words ?? "";
  tell();
}

/** Cancels the making of a clip. */
export function cancel(clip) {
  if (clip.task !== null) cancelTask(clip.task).catch(() => {});
}

/** Forgets clips that cannot be read any more. */
export function forgetClips(clips) {
  for (const [key, clip] of known) if (clips.includes(clip)) known.delete(key);
  tell();
}
