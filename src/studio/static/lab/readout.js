// The values under the pointer: at once those that the canvas shows, and the exact ones where the pointer rests.

import { byId, el } from "/dom.js";
import { exact as value } from "/format.js";
import { getPixel } from "./api.js";
import { T } from "./words.js";
import { onChange, requestValues, SOURCE, state } from "./state.js";
import { centre, codesAt, followPointer, pixelAt, placeIn } from "./view.js";
import { onPicture } from "./pictures.js";
import { onScreen, pictureName } from "./screen.js";
import { aboutId, shownIds } from "./sides.js";

const REST_AFTER = 300;

const seen = byId("readout-seen");
const exactly = byId("readout-exact");
const stage = byId("stage");
const cross = byId("cross");

let pointer = null;
let exact = null;
let timer = 0;
let asked = false;
let controller = null;

function codes(name, rgb) {
  if (rgb === null) return null;
  const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
  swatch.style.backgroundColor = `rgb(${rgb.join(" ")})`;
  return el("span", { class: "codes" }, swatch, `${name} `, el("b", {}, rgb.map((code) => String(code).padStart(3, " ")).join(" ")));
}

function numbers(name, list) {
  if (list === null) return null;
  return el("span", { class: "codes" }, `${name} `, el("b", {}, list.join("  ")));
}

// By keyboard, the point is the middle of the stage, and a cross shows it.
function point() {
  if (pointer !== null) return pointer;
  return stage.matches(":focus-visible") ? centre() : null;
}

function refresh() {
  const at = point();
  const byKeyboard = pointer === null && at !== null;
  cross.hidden = !byKeyboard;
  if (byKeyboard) {
    cross.style.left = `${at.left}px`;
    cross.style.top = `${at.top}px`;
  }
  const pixel = at === null ? null : pixelAt(at.left, at.top);
  if (pixel === null) {
    seen.replaceChildren(T.pointerIdle);
    exactly.replaceChildren();
    return;
  }
  const pictures = onScreen();
  const all = [...new Set([...shownIds(), aboutId(), ...pictures.keys()])];
  write(seen, [
    el("span", { class: "codes" }, T.position(pixel.x, pixel.y)),
    ...all.map((id) => codes(pictureName(id), codesAt(pictures.get(id) ?? null, pixel.at))),
  ]);
  if (exact === null || exact.x !== pixel.x || exact.y !== pixel.y || exact.id !== exactId(pixel)) {
    exactly.replaceChildren();
    return;
  }
  const { answer } = exact;
  write(exactly, [
    el("span", {}, T.exact),
    numbers(T.source, answer.source.map((sample) => `${sample.name} ${sample.value}`)),
    numbers(pictureName(exact.id), answer.result),
    numbers(state.pass, answer.pass?.map(value) ?? null),
  ]);
}

// Of tiles, the one under the pointer; the source has exact values beside any setting.
function exactId(pixel) {
  if (state.mode === "split" && pixel.id !== SOURCE) return pixel.id;
  const about = aboutId();
  return about === SOURCE ? state.setting : about;
}

function write(line, parts) {
  line.replaceChildren(...parts.filter((part) => part !== null));
}

function changed() {
  exact = null;
  controller?.abort();
  clearTimeout(timer);
  timer = 0;
  asked = false;
  if (point() !== null && !state.playing && state.watching === null) timer = setTimeout(askExact, REST_AFTER);
  refresh();
}

// The full picture may come after the pointer has come to rest.
function pictureCame() {
  refresh();
  if (point() === null || state.playing || state.watching !== null || asked || timer !== 0) return;
  timer = setTimeout(askExact, REST_AFTER);
}

async function askExact() {
  timer = 0;
  const at = point();
  const pixel = at === null || state.style === null ? null : pixelAt(at.left, at.top);
  if (pixel === null) return;
  const id = exactId(pixel);
  const result = onScreen().get(id) ?? null;
  // A pixel of a small picture is another one in the full size.
  if (result === null || !result.full) return;
  const place = placeIn(result, pixel.at);
  if (place === null) return;
  asked = true;
  controller = new AbortController();
  const body = {
    frame: state.frame,
    lines: null,
    values: requestValues(id),
    pass: state.pass,
    x: place[0],
    y: place[1],
  };
  try {
    const answer = await getPixel(body, controller.signal);
    exact = { x: pixel.x, y: pixel.y, id, answer };
    refresh();
  } catch {
    // The codes of the picture stay; what is wrong is told where the picture is asked for.
  }
}

/** Shows the values under the pointer from now on. */
export function followValues() {
  followPointer((now) => {
    pointer = now;
    changed();
  });
  stage.addEventListener("focus", changed);
  stage.addEventListener("blur", changed);
  onPicture(pictureCame);
  onChange((names) => {
    if (["frame", "values", "setting", "pass", "style", "left", "right", "tiles", "names", "blind", "watching"].some((name) => names.has(name))) changed();
    else if (["zoom", "x", "y", "mode"].some((name) => names.has(name))) changed();
  });
  refresh();
}
