// Before and after, one over the other, with one divider, one clock and one sound.

import { byId, el, icon } from "./dom.js";
import { clock, percent } from "./format.js";
import { keepInStep } from "./in-step.js";
import { fit, t } from "./words.js";

const r = t.results;
const VIEWS = ["before", "after", "swipe"];
const SOUNDS = ["before", "after", "off"];
const FAR = 10;

const stage = byId("stage");
const divider = byId("divider");
const scrub = byId("scrub");
let a = null;
let b = null;
let fps = 25;
let view = "swipe";
let sound = "after";
let flipped = false;
let stop = () => {};

const isVideo = (node) => node instanceof HTMLVideoElement;

function showView() {
  for (const button of byId("views").children) button.setAttribute("aria-pressed", String(button.dataset.view === view));
  const other = { before: "after", after: "before", swipe: "before" }[view];
  const now = flipped ? other : view;
  const share = now === "before" ? 100 : now === "after" ? 0 : Number(divider.value);
  stage.style.setProperty("--split", `${share}%`);
  divider.hidden = view !== "swipe" || flipped;
  divider.setAttribute("aria-valuetext", fit(r.dividerAt, { percent: percent(divider.value / 100) }));
  byId("label-before").hidden = now === "after" || share < 8;
  byId("label-after").hidden = now === "before" || share > 92;
}

function showSound() {
  for (const button of byId("sounds").children) button.setAttribute("aria-pressed", String(button.dataset.sound === sound));
  if (isVideo(a)) a.muted = sound !== "before";
  if (isVideo(b)) b.muted = sound !== "after";
}

const lead = () => (isVideo(a) ? a : isVideo(b) ? b : null);

function showTime() {
  const video = lead();
  if (video === null) return;
  // The output may be of a part.
  const lengths = [a, b].filter(isVideo).map(({ duration }) => duration).filter(Number.isFinite);
  const length = lengths.length > 0 ? Math.min(...lengths) : 0;
  scrub.max = String(length);
  if (document.activeElement !== scrub || !video.paused) scrub.value = String(video.currentTime);
  scrub.setAttribute("aria-valuetext", clock(video.currentTime));
  byId("clock").textContent = `${clock(video.currentTime)} / ${clock(length)}`;
}

function showPlaying() {
  const isPlaying = lead() !== null && !lead().paused;
  const label = isPlaying ? r.pause : r.play;
  byId("play").replaceChildren(icon(isPlaying ? "pause" : "play"));
  byId("play").setAttribute("aria-label", label);
  byId("play").title = label;
}

/** Plays or pauses both. */
export function togglePlay() {
  const video = lead();
  if (video === null) return;
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

/** Goes by frames; both stop. */
export function step(frames) {
  const video = lead();
  if (video === null) return;
  video.pause();
  video.currentTime = Math.max(0, Math.min(video.duration || 0, video.currentTime + frames / fps));
  showTime();
}

export const far = (direction) => step(direction * FAR);

export function setView(to) {
  view = to;
  showView();
}

export const setViewAt = (at) => setView(VIEWS[at]);

/** Shows the other picture while something is held. */
export function flip(on) {
  if (flipped === on) return;
  flipped = on;
  showView();
}

export function nextSound() {
  sound = SOUNDS[(SOUNDS.indexOf(sound) + 1) % SOUNDS.length];
  showSound();
}

/** What the player says over the picture. */
export function tell(text) {
  byId("wait").textContent = text;
}

/** Whether all of both videos has come. */
export function isBuffered() {
  const all = [a, b].filter(isVideo);
  return all.every(({ buffered, duration }) => buffered.length > 0 && buffered.end(buffered.length - 1) > duration - 0.2);
}

function layer(of, name) {
  const node = of.kind === "picture" ? el("img", { alt: name }) : el("video", { playsInline: true, loop: false, preload: "auto", muted: true, disablePictureInPicture: true });
  if (isVideo(node)) node.setAttribute("aria-label", name);
  node.classList.add("layer");
  node.addEventListener("error", () => tell(fit(r.noPlay, { why: node.error?.message || name })));
  node.src = of.src;
  return node;
}

/** Ends what is shown and gives its connections back. */
export function unload() {
  stop();
  stop = () => {};
  for (const node of [a, b]) {
    if (!isVideo(node)) continue;
    node.pause();
    node.removeAttribute("src");
    node.load();
  }
  byId("layers").replaceChildren();
  a = null;
  b = null;
}

/** Shows two files: `before` and `after` are of `playable`, with a label each. `offset`: time of `after` at the time 0 of `before`. */
export function load(before, after, { labels, offset = 0, rate = 25 }) {
  unload();
  fps = rate || 25;
  a = layer(before, labels.before);
  b = layer(after, labels.after);
  b.classList.add("upper");
  byId("layers").append(a, b);
  byId("label-before").textContent = labels.before;
  byId("label-after").textContent = labels.after;
  const video = lead();
  byId("time").hidden = video === null;
  byId("sounds").hidden = video === null;
  if (isVideo(a) && isVideo(b)) {
    // A render of a part begins where its part begins.
    if (offset < 0) a.addEventListener("loadedmetadata", () => (a.currentTime = -offset), { once: true });
    stop = keepInStep(a, b, offset, fps);
    b.addEventListener("ended", () => a.pause());
  }
  if (video !== null) {
    for (const name of ["timeupdate", "durationchange", "seeked"]) video.addEventListener(name, showTime);
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, showPlaying);
  }
  const shape = () => {
    const width = b.videoWidth || b.naturalWidth;
    const height = b.videoHeight || b.naturalHeight;
    if (width > 0) stage.style.setProperty("--shape", `${width} / ${height}`);
  };
  b.addEventListener("loadedmetadata", shape);
  b.addEventListener("load", shape);
  showView();
  showSound();
  showPlaying();
}

byId("previous").replaceChildren(icon("previous"));
byId("next").replaceChildren(icon("next"));
byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => step(1));
byId("play").addEventListener("click", togglePlay);
divider.addEventListener("input", showView);
scrub.addEventListener("input", () => {
  const video = lead();
  if (video !== null) video.currentTime = Number(scrub.value);
});
byId("views").addEventListener("click", (event) => event.target.dataset.view && setView(event.target.dataset.view));
byId("sounds").addEventListener("click", (event) => {
  if (!event.target.dataset.sound) return;
  sound = event.target.dataset.sound;
  showSound();
});
