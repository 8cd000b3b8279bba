// Which pictures the state asks for, which of them are here, and what the page says about them.

import { byId } from "/dom.js";
import { announce, clearProblem, showProblem } from "/say.js";
import { T } from "./words.js";
import { frameCount, onChange, requestValues, SOURCE, state, change } from "./state.js";
import { aboutId, flipId, hiddenIds, mainId, nameOf, shownIds, sides } from "./sides.js";
import { failure, find, onPicture, pin, spec, want } from "./pictures.js";
import { onVideo, pictureOf } from "./player.js";
import { redraw, show } from "./view.js";

const REST_AFTER = 250;
const DRAFT_LINES = 540;
const DRAFT_LINES_SOFTWARE = 360;

const badge = byId("badge");
const canvas = byId("canvas");

// What was asked for of each, newest last: while a picture is not here, the newest one before it is shown.
const trail = new Map();
const TRAIL = 200;
// What a change of the state has to do with pictures.
const MATTERS = ["frame", "values", "setting", "pass", "style"];

let restTimer = 0;
let announced = "";
let fullSize = null;
let now = new Map();

/** The pictures that are on the screen now, by id. */
export function onScreen() {
  return now;
}

/** The size of the full picture. */
export function pictureSize() {
  return fullSize ?? { width: state.style?.input.width ?? 16, height: state.style?.input.height ?? 9 };
}

/** Lines of a picture while something changes; null where that is full size. */
function draftLines() {
  const lines = state.style?.software ? DRAFT_LINES_SOFTWARE : DRAFT_LINES;
  return (state.style?.input.height ?? 0) <= lines ? null : lines;
}

/** What a picture is called where it is shown. */
export function pictureName(id) {
  const name = nameOf(id);
  return id === SOURCE || state.pass === null || state.watching !== null ? name : T.withPass(name, state.pass);
}

/** The picture of a setting or the source: `full` is its full size without loss. */
export function specOf(id, full, frame = state.frame) {
  const ofSource = id === SOURCE;
  return spec({
    frame,
    lines: full ? null : draftLines(),
    values: ofSource ? {} : requestValues(id),
    pass: state.pass,
    side: ofSource ? "source" : "result",
    draft: !full,
    format: full ? "png" : "jpeg",
    version: state.style.version,
  });
}

function wishes() {
  if (state.playing || state.watching !== null) return [];
  const ids = shownIds();
  // What has not changed is here, so that only a setting that has changed is asked for.
  const here = (id) => find(specOf(id, true)) !== null;
  const drafts = ids.filter((id) => !here(id)).map((id) => specOf(id, false));
  if (state.moving) return drafts;
  const full = [...ids, ...hiddenIds()].map((id) => specOf(id, true));
  return [...drafts, ...full];
}

function follow(id, spec, name) {
  const all = [...(trail.get(id) ?? []).filter((one) => one.spec.key !== spec.key), { spec, name }];
  // What is older than a picture that is here will not be shown again.
  const here = all.findLastIndex((one) => one.name === name && find(one.spec) !== null);
  trail.set(id, all.slice(Math.max(here, all.length - TRAIL, 0)));
}

function choose(id) {
  if (state.watching !== null) {
    const picture = pictureOf(id);
    return { picture, fresh: picture !== null, key: "" };
  }
  const name = JSON.stringify([state.pass]);
  for (const full of [true, false]) {
    const wanted = specOf(id, full);
    const picture = find(wanted);
    if (picture === null) continue;
    follow(id, wanted, name);
    return { picture, fresh: true, key: wanted.key };
  }
  follow(id, specOf(id, false), name);
  // A picture of something else would mislead.
  const old = trail.get(id).filter((one) => one.name === name).map((one) => find(one.spec));
  return { picture: old.findLast((picture) => picture !== null) ?? null, fresh: false, key: "" };
}

function update() {
  if (state.style === null) return;
  want("view", wishes());
  const ids = shownIds();
  const chosen = new Map([...ids, ...hiddenIds()].map((id) => [id, choose(id)]));
  const whole = [...chosen].find(([id, { picture, fresh }]) => id !== SOURCE && fresh && picture.full);
  if (state.pass === null && state.watching === null && whole !== undefined) {
    const { width, height } = whole[1].picture;
    fullSize = { width, height };
  }
  now = new Map([...chosen].map(([id, { picture }]) => [id, picture]));
  pin([...now.values()]);
  show({
    mode: ids.length === 1 && state.mode !== "split" ? "single" : state.flipped ? "single" : state.mode,
    ids,
    pictures: now,
    names: new Map(ids.map((id) => [id, pictureName(id)])),
    size: pictureSize(),
  });
  const about = aboutId();
  // What is not ready yet is what people want to know of.
  const late = ids.find((id) => !chosen.get(id).fresh || chosen.get(id).picture.draft);
  const seen = chosen.get(state.watching === null ? (late ?? about) : about);
  describe(seen);
  tellProblems();
  const key = `${ids.map((id) => chosen.get(id).key)} ${state.mode}`;
  if (late === undefined && !state.playing && state.watching === null && announced !== key) {
    announced = key;
    announce(T.rendered(state.frame));
  }
}

function describe({ picture, fresh }) {
  const parts = [];
  if (state.watching !== null) parts.push(picture === null ? T.badge.noClip : T.badge.clip(picture.lines));
  else if (picture === null) parts.push(T.badge.waiting);
  else {
    const { width, height, lines } = picture;
    const rows = lines ?? height;
    const size = `${width}×${height}`;
    if (picture.byBrowser) parts.push(T.badge.byBrowser(size, picture.milliseconds));
    else if (state.playing) parts.push(T.badge.playing(rows));
    else if (state.moving && !(fresh && !picture.draft)) parts.push(T.badge.draft(rows));
    else if (!fresh) parts.push(T.badge.stale, T.badge.waiting);
    else if (!picture.draft) parts.push(T.badge.full(size, picture.milliseconds, state.style.device));
    else parts.push(T.badge.small(rows), T.badge.waitingFull);
    if (picture.framesBefore !== null) parts.push(T.badge.framesBefore(picture.framesBefore));
    if (picture.black !== null && picture.white !== null && state.pass !== null) {
      parts.push(T.badge.levels(picture.black, picture.white));
    }
  }
  if (state.mode === "difference" && !state.flipped) parts.push(T.differenceNote);
  const text = parts.join(" · ");
  if (badge.textContent !== text) badge.textContent = text;
  const names = shownIds().map(pictureName).join(", ");
  const label = state.watching === null ? T.canvas(names, state.frame) : T.canvasMoving(names);
  if (canvas.getAttribute("aria-label") !== label) canvas.setAttribute("aria-label", label);
}

function tellProblems() {
  if (state.watching !== null) return;
  // A small picture may have other passes than the full size has, so it is the full one that counts.
  const problem = shownIds().map((id) => failure(specOf(id, true))).find((found) => found !== null);
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
    if (["zoom", "x", "y", "swipe", "opacity"].some((name) => names.has(name))) redraw();
    update();
  });
  onPicture(update);
  onVideo(() => {
    if (state.watching !== null) update();
  });
}

/** What is saved: the picture that the page is about, or the other one. */
export function savedId(other) {
  if (state.mode === "single") return other ? flipId() : mainId();
  const { left, right } = sides();
  return other ? left : right;
}

/** The name of a file for the picture of a setting or the source. */
export function fileName(id) {
  const clip = state.style.input.name.replace(/\.[^.]*$/, "");
  const what = id === SOURCE ? "source" : (state.pass ?? state.style.name).replaceAll("/", "-");
  const called = id === SOURCE || Object.keys(state.values[id]).length === 0 ? "" : `-${id}`;
  const digits = String(frameCount() - 1).length;
  return `${clip}-${what}${called}-${String(state.frame).padStart(digits, "0")}.png`;
}
