// The clips of the settings: what is being rendered, what is ready, and what people think of it.

import { byId, el, iconButton } from "/dom.js";
import { clock } from "/format.js";
import { T } from "./words.js";
import { SOURCE, change, onChange, state } from "./state.js";
import { allIds, plainName } from "./sides.js";
import { MOST_SECONDS } from "./address.js";
import { cancel, clipOf, hasFile, onClip, partNow } from "./clips.js";
import { ratingOf } from "./rating.js";

const list = byId("clip-list");
const seconds = byId("clip-seconds");
const lines = byId("clip-lines");

// Rows stay while their clip does, so that what people write in them stays, too.
let rows = new Map();

function row(id) {
  const name = el("strong", {});
  const words = el("span", { class: "clip-words" });
  const bar = el("progress", { max: 1, hidden: true });
  const stop = iconButton("remove", "", () => {
    const clip = clipOf(id, state.part);
    if (clip !== null) cancel(clip);
  });
  const rating = id === SOURCE ? null : ratingOf(id);
  const element = el("li", { class: "clip" }, el("div", { class: "clip-state" }, name, words, bar, stop), rating?.element);
  const refresh = () => {
    const clip = clipOf(id, state.part);
    const making = clip !== null && ["queued", "running"].includes(clip.state);
    name.textContent = plainName(id);
    words.textContent = wordsOf(clip);
    words.classList.toggle("wrong", clip?.state === "failed");
    bar.hidden = !making;
    bar.setAttribute("aria-label", plainName(id));
    if (clip?.progress == null) bar.removeAttribute("value");
    else bar.value = clip.progress;
    stop.hidden = !making;
    stop.title = T.cancelClip(plainName(id));
    stop.setAttribute("aria-label", stop.title);
    rating?.refresh(clip?.state === "done" ? clip : null);
  };
  return { element, refresh };
}

function wordsOf(clip) {
  if (clip === null) return T.clips.old;
  switch (clip.state) {
    case "done":
      return T.clips.ready;
    case "failed":
      return T.clipFailed(clip.error.message, clip.error.detail);
    case "running":
      return clip.words || T.clips.rendering;
    default:
      return T.clips.queued;
  }
}

function refreshRows() {
  // In a comparison without names, the rows would tell what plays.
  const known = state.style !== null && hasFile() && state.part !== null && state.blind === null;
  const ids = known ? allIds().filter((id) => id !== SOURCE || clipOf(id, state.part) !== null) : [];
  const next = new Map(ids.map((id) => [id, rows.get(id) ?? row(id)]));
  if ([...next.keys()].join() !== [...rows.keys()].join()) list.replaceChildren(...[...next.values()].map(({ element }) => element));
  rows = next;
  for (const { refresh } of rows.values()) refresh();
  list.hidden = ids.length === 0;
  const empty = byId("no-clips");
  empty.hidden = ids.length > 0 || state.blind !== null;
  empty.textContent = state.style === null || hasFile() ? T.clips.none : T.clips.needsFile;
}

function refreshPart() {
  if (state.style === null) return;
  const { start, duration } = state.watching ?? partNow();
  byId("clip-part").textContent = T.partNow(clock(start), clock(start + duration));
  // A loop has its own length.
  seconds.disabled = state.first !== null || state.last !== null || state.watching !== null;
  lines.disabled = state.watching !== null;
  if (document.activeElement !== seconds) seconds.value = String(Number((seconds.disabled ? duration : state.seconds).toFixed(2)));
  lines.value = state.lines === null ? "all" : String(state.lines);
}

/** Shows the list from now on. */
export function followClips() {
  seconds.min = String(1 / 2);
  seconds.max = String(MOST_SECONDS);
  seconds.addEventListener("input", () => {
    const count = Number(seconds.value);
    const good = seconds.value !== "" && count >= 0.5 && count <= MOST_SECONDS;
    seconds.setAttribute("aria-invalid", String(!good));
    if (good) change({ seconds: count });
  });
  seconds.addEventListener("blur", () => {
    seconds.removeAttribute("aria-invalid");
    refreshPart();
  });
  lines.addEventListener("change", () => change({ lines: lines.value === "all" ? null : Number(lines.value) }));
  onClip(refreshRows);
  onChange((names) => {
    if (["style", "values", "names", "part", "lines", "blind", "watching"].some((name) => names.has(name))) refreshRows();
    if (["style", "frame", "first", "last", "seconds", "lines", "watching"].some((name) => names.has(name))) refreshPart();
  });
}
