// Keys of the Lab.

import { byId, el } from "/dom.js";
import { takes } from "/keys.js";
import { T } from "./words.js";
import { LETTERS, change, frameCount, goTo, state } from "./state.js";
import { use } from "./sides.js";
import { zoomStep, zoomTo } from "./view.js";
import { markIn, markOut, togglePlay } from "./timeline.js";
import { nextLeft, nextMode, swapSides, zoomOne } from "./tools.js";
import { playSeconds, stopWatching, watchKeys } from "./watch.js";
import { saveFrame } from "./export.js";

const FAR = 10;

const KEYS = {
  " ": togglePlay,
  ",": () => goTo(state.frame - 1),
  ".": () => goTo(state.frame + 1),
  ArrowLeft: (event) => goTo(state.frame - (event.shiftKey ? FAR : 1)),
  ArrowRight: (event) => goTo(state.frame + (event.shiftKey ? FAR : 1)),
  Home: () => goTo(0),
  End: () => goTo(frameCount() - 1),
  i: markIn,
  o: markOut,
  f: () => change({ flipped: true }),
  v: nextMode,
  c: nextLeft,
  ...Object.fromEntries(LETTERS.map((letter, index) => [index + 1, () => use(letter)])),
  x: swapSides,
  p: playSeconds,
  Escape: stopWatching,
  "+": () => zoomStep(1),
  "=": () => zoomStep(1),
  "-": () => zoomStep(-1),
  "−": () => zoomStep(-1),
  0: () => zoomTo(null),
  z: zoomOne,
  r: () => change({ pass: null }),
  s: (event) => saveFrame(event.shiftKey),
  "?": openHelp,
};
// A key that is held repeats these only.
const REPEATED = [",", ".", "ArrowLeft", "ArrowRight", "+", "=", "-", "−"];

function openHelp() {
  byId("help-dialog").showModal();
}

/** Takes keys from now on, and fills in the help. */
export function followKeys() {
  byId("help-list").append(
    ...T.keys.flatMap(([keys, what]) => [
      el("dt", {}, keys.split(/ (?=\S)/).map((key) => (key === "+" && keys.startsWith("Shift") ? " + " : el("kbd", {}, key)))),
      el("dd", {}, what),
    ]),
  );
  byId("help").addEventListener("click", openHelp);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (state.style === null || document.querySelector("dialog[open]") !== null) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // Keys of time go to the clips while those play.
    const keys = state.watching === null ? KEYS : { ...KEYS, ...watchKeys };
    const act = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (act === undefined || takes(event.target, event.key)) return;
    event.preventDefault();
    if (event.repeat && !REPEATED.includes(key)) return;
    act(event);
  });
  addEventListener("keyup", (event) => {
    if (event.key.toLowerCase() === "f" && state.flipped) change({ flipped: false });
  });
}
