// Which pictures the state asks for, which of them are here, and what the page says about them.

import { T } from "./texts.js";
import { byId } from "./dom.js";
import { frameCount, onChange, requestValues, state, change } from "./state.js";
import { failure, find, onPicture, pin, spec, want } from "./pictures.js";
import { redraw, show } from "./view.js";
import { announce, clearProblem, showProblem } from "./messages.js";

const REST_AFTER = 250;
const DRAFT_LINES = 540;
const DRAFT_LINES_SOFTWARE = 360;

const badge = byId("badge");
const labels = { result: byId("label-result"), other: byId("label-other") };
const canvas = byId("canvas");

// What was asked for on each side, newest last: while a picture is not here, the newest one before it is shown.
const trail = { result: [], other: [] };
const TRAIL = 200;
// What a change of the state has to do with pictures.
const MATTERS = ["frame", "values", "setting", "pass", "style", "against"];

let restTimer = 0;
let announced = "";
let fullSize = null;
let now = { result: null, other: null };

/** The pictures that are on the screen now. */
export function onScreen() {
  return now;
}

/** The size of the full picture. */
export function pictureSize() {
  return fullSize ?? { width: state.style?.input.width ?? 16, height: state.style?.input.height ?? 9 };
}

/** Lines of a picture while something changes; null where that is full size. */
export function draftLines() {
  const lines = state.style?.software ? DRAFT_LINES_SOFTWARE : DRAFT_LINES;
  return (state.style?.input.height ?? 0) <= lines ? null : lines;
}

/** The settings that lie on the two sides; null is the source. */
export function settings() {
  if (state.against === "source") return { result: state.setting, other: null };
  if (state.mode === "single") return { result: state.setting, other: state.setting === "a" ? "b" : "a" };
  return { result: "b", other: "a" };
}

/** What a side shows, in words. */
export function sideName(side) {
  const setting = settings()[side];
  if (setting === null) return T.source;
  const what = state.pass ?? T.result;
  return state.against === "settings" ? `${T.setting(setting)}, ${what}` : what;
}

/** The picture of a side: `full` is its full size without loss. */
export function specOf(side, full, frame = state.frame) {
  const setting = settings()[side];
  return spec({
    frame,
    lines: full ? null : draftLines(),
    values: setting === null ? {} : requestValues(setting),
    pass: state.pass,
    side: setting === null ? "source" : "result",
    draft: !full,
    version: state.style.version,
  });
}

/** The sides that the view shows. */
export function sidesShown() {
  if (state.mode === "single") return state.flipped ? ["other"] : ["result"];
  return ["result", "other"];
}

function wishes() {
  if (state.playing) return [];
  const sides = sidesShown();
  const hidden = ["result", "other"].filter((side) => !sides.includes(side));
  const here = (side) => find(specOf(side, true)) !== null;
  const drafts = sides.filter((side) => !here(side)).map((side) => specOf(side, false));
  if (state.moving) return drafts;
  const full = [...sides, ...hidden].map((side) => specOf(side, true));
  return [...drafts, ...full];
}

function follow(side, spec, name) {
  const all = [...trail[side].filter((one) => one.spec.key !== spec.key), { spec, name }];
  // What is older than a picture that is here will not be shown again.
  const here = all.findLastIndex((one) => one.name === name && find(one.spec) !== null);
  trail[side] = all.slice(Math.max(here, all.length - TRAIL, 0));
}

function choose(side) {
  const name = JSON.stringify([settings()[side] === null, state.pass]);
  for (const full of [true, false]) {
    const wanted = specOf(side, full);
    const picture = find(wanted);
    if (picture === null) continue;
    follow(side, wanted, name);
    return { picture, fresh: true, key: wanted.key };
  }
  follow(side, specOf(side, false), name);
  // A picture of something else would mislead.
  const old = trail[side].filter((one) => one.name === name).map((one) => find(one.spec));
  return { picture: old.findLast((picture) => picture !== null) ?? null, fresh: false, key: "" };
}

function update() {
  if (state.style === null) return;
  want("view", wishes());
  const result = choose("result");
  const other = choose("other");
  if (state.pass === null && result.fresh && result.picture.full) {
    fullSize = { width: result.picture.bitmap.width, height: result.picture.bitmap.height };
  }
  now = { result: result.picture, other: other.picture };
  pin([now.result, now.other]);
  show({ ...now, size: pictureSize() });
  const seen = sidesShown().includes("result") ? result : other;
  describe(seen);
  tellProblems();
  const whole = `${seen.key} ${state.mode}`;
  if (seen.fresh && !seen.picture.draft && !state.playing && announced !== whole) {
    announced = whole;
    announce(T.rendered(state.frame));
  }
}

function describe({ picture, fresh }) {
  const parts = [];
  if (picture === null) parts.push(T.badge.waiting);
  else {
    const { bitmap, lines, milliseconds } = picture;
    const height = lines ?? bitmap.height;
    const size = `${bitmap.width}×${bitmap.height}`;
    if (picture.byBrowser) parts.push(T.badge.byBrowser(size, milliseconds));
    else if (state.playing) parts.push(T.badge.playing(height));
    else if (state.moving && !(fresh && !picture.draft)) parts.push(T.badge.draft(height));
    else if (!fresh) parts.push(T.badge.stale, T.badge.waiting);
    else if (!picture.draft) parts.push(T.badge.full(size, milliseconds, state.style.device));
    else parts.push(T.badge.small(height), T.badge.waitingFull);
    if (picture.framesBefore !== null) parts.push(T.badge.framesBefore(picture.framesBefore));
    if (picture.black !== null && picture.white !== null && state.pass !== null) {
      parts.push(T.badge.levels(picture.black, picture.white));
    }
  }
  if (state.mode === "difference" && !state.flipped) parts.push(T.differenceNote);
  badge.textContent = parts.join(" · ");
  const compared = state.mode === "swipe" || state.mode === "side";
  labels.other.hidden = !(compared || state.flipped);
  labels.result.hidden = state.flipped || !(compared || state.pass !== null || state.against === "settings");
  labels.other.textContent = sideName("other");
  labels.result.textContent = sideName("result");
  canvas.setAttribute("aria-label", T.canvas(sideName(state.flipped ? "other" : "result"), state.frame));
}

function tellProblems() {
  // A small picture may have other passes than the full size has, so it is the full one that counts.
  const problem = sidesShown().map((side) => failure(specOf(side, true))).find((found) => found !== null);
  // Where no version of the style could be loaded yet, the style's own problem says it already.
  if (problem === undefined || problem.message === state.style.error?.text) clearProblem("picture");
  else showProblem("picture", problem);
}

/** Shows pictures from now on as the state says. */
export function followState() {
  onChange((names) => {
    if (MATTERS.some((name) => names.has(name))) {
      change({ moving: true });
      clearTimeout(restTimer);
      restTimer = setTimeout(() => change({ moving: false }), REST_AFTER);
    }
    if (names.has("zoom") || names.has("x") || names.has("y") || names.has("swipe")) redraw();
    update();
  });
  onPicture(update);
}

/** The name of a file for the picture of a side. */
export function fileName(side) {
  const clip = state.style.input.name.replace(/\.[^.]*$/, "");
  const what = settings()[side] === null ? "source" : (state.pass ?? state.style.name).replaceAll("/", "-");
  const digits = String(frameCount() - 1).length;
  return `${clip}-${what}-${String(state.frame).padStart(digits, "0")}.png`;
}
