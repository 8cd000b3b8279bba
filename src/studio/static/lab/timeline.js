// Time: the scrubber, the loop, and playing.

import { byId, icon } from "/dom.js";
import { clock } from "/format.js";
import { T } from "./words.js";
import { change, fps, frameCount, goTo, loop, onChange, state } from "./state.js";
import { failure, find, onPicture, want } from "./pictures.js";
import { specOf } from "./screen.js";
import { shownIds } from "./sides.js";

// So many frames are asked for before they are due.
const AHEAD = 4;
// The real rate is that of so many frames.
const MEASURED = 16;
const SAY_RATE_EVERY = 500;

const scrub = byId("scrub");
const number = byId("frame");
const playButton = byId("play");
const rate = byId("rate");
const range = byId("loop-range");

let due = 0;
let timer = 0;
let times = [];
let said = 0;

/** Starts or stops playing. */
export function togglePlay() {
  if (state.playing) stop();
  else start();
}

/** Stops playing. */
export function stop() {
  clearTimeout(timer);
  want("play", []);
  change({ playing: false });
}

function start() {
  const [first, last] = loop();
  if (first === last) return;
  due = performance.now();
  times = [];
  said = 0;
  change({ playing: true });
  rate.textContent = T.rateWaiting;
  tick();
}

function after(frame) {
  const [first, last] = loop();
  return frame < first || frame >= last ? first : frame + 1;
}

function specsOf(frame) {
  return shownIds().map((id) => {
    const full = specOf(id, true, frame);
    return find(full) === null ? specOf(id, false, frame) : full;
  });
}

// Shows the next frame where it is here and due; else waits for either.
function tick() {
  clearTimeout(timer);
  if (!state.playing) return;
  const next = after(state.frame);
  const ahead = [next];
  while (ahead.length < AHEAD) ahead.push(after(ahead.at(-1)));
  want("play", [...new Set(ahead)].flatMap(specsOf));
  const specs = specsOf(next);
  if (specs.some((spec) => failure(spec) !== null)) {
    stop();
    goTo(next);
    return;
  }
  if (specs.some((spec) => find(spec) === null)) return;
  const now = performance.now();
  if (now < due) {
    timer = setTimeout(tick, due - now);
    return;
  }
  // A frame that comes late does not make those after it hurry.
  due = Math.max(due, now - 500 / fps()) + 1000 / fps();
  measure(now);
  goTo(next);
  timer = setTimeout(tick, 0);
}

function measure(now) {
  times.push(now);
  if (times.length > MEASURED) times.shift();
  if (times.length < 3 || now - said < SAY_RATE_EVERY) return;
  said = now;
  rate.textContent = T.rate((1000 * (times.length - 1)) / (times.at(-1) - times[0]), fps());
}

/** The loop begins at this frame. */
export function markIn() {
  const [, last] = loop();
  change({ first: state.frame, last: state.frame > last ? null : state.last });
}

/** The loop ends at this frame. */
export function markOut() {
  const [first] = loop();
  change({ last: state.frame, first: state.frame < first ? null : state.first });
}

function refresh() {
  const end = frameCount() - 1;
  scrub.max = String(end);
  number.max = String(end);
  scrub.value = String(state.frame);
  scrub.setAttribute("aria-valuetext", `${state.frame}, ${clock(state.frame / fps())}`);
  if (document.activeElement !== number || Number(number.value) !== state.frame) number.value = String(state.frame);
  byId("frame-count").textContent = T.frameOf(end);
  byId("clock").textContent = clock(state.frame / fps());
  const [first, last] = loop();
  const whole = state.first === null && state.last === null;
  range.hidden = whole;
  range.style.left = `${(100 * first) / Math.max(1, end)}%`;
  range.style.width = `${(100 * (last - first)) / Math.max(1, end)}%`;
  byId("loop-text").textContent = whole ? "" : T.loop(first, last);
  byId("mark-clear").hidden = whole;
  for (const id of ["play", "mark-in", "mark-out"]) byId(id).disabled = end === 0;
  const label = state.playing ? T.pause : T.play;
  if (playButton.getAttribute("aria-label") !== label) {
    playButton.setAttribute("aria-label", label);
    playButton.title = label;
    playButton.replaceChildren(icon(state.playing ? "pause" : "play"));
  }
  rate.hidden = !state.playing;
  byId("time").hidden = end === 0 || state.watching !== null;
}

/** Follows the controls of time, and shows where we are. */
export function followTime() {
  playButton.addEventListener("click", togglePlay);
  byId("previous").addEventListener("click", () => goTo(state.frame - 1));
  byId("next").addEventListener("click", () => goTo(state.frame + 1));
  scrub.addEventListener("input", () => {
    if (state.playing) stop();
    goTo(Number(scrub.value));
  });
  number.addEventListener("input", () => {
    if (number.value !== "" && Number.isFinite(Number(number.value))) goTo(Number(number.value));
  });
  number.addEventListener("blur", refresh);
  byId("mark-in").addEventListener("click", markIn);
  byId("mark-out").addEventListener("click", markOut);
  byId("mark-clear").addEventListener("click", () => change({ first: null, last: null }));
  onChange((names) => {
    if (["frame", "first", "last", "style", "playing", "watching"].some((name) => names.has(name))) refresh();
    if (state.playing) tick();
  });
  onPicture(tick);
}
