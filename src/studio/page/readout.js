// The values under the pointer: at once those that the canvas shows, and the exact ones where the pointer rests.

import { getPixel } from "./api.js";
import { T, value } from "./texts.js";
import { byId, el } from "./dom.js";
import { onChange, requestValues, state } from "./state.js";
import { centre, codesAt, followPointer, pixelAt, placeIn } from "./view.js";
import { onPicture } from "./pictures.js";
import { onScreen, settings, sideName } from "./screen.js";

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
  const { result, other } = onScreen();
  write(seen, [
    el("span", { class: "codes" }, T.position(pixel.x, pixel.y)),
    codes(sideName("other"), codesAt(other, pixel.at)),
    codes(sideName("result"), codesAt(result, pixel.at)),
  ]);
  if (exact === null || exact.x !== pixel.x || exact.y !== pixel.y) {
    exactly.replaceChildren();
    return;
  }
  const { answer } = exact;
  write(exactly, [
    el("span", {}, T.exact),
    numbers(T.source, answer.source.map((sample) => `${sample.name} ${sample.value}`)),
    numbers(T.result, answer.result),
    numbers(state.pass, answer.pass?.map(value) ?? null),
  ]);
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
  if (point() !== null && !state.playing) timer = setTimeout(askExact, REST_AFTER);
  refresh();
}

// The full picture may come after the pointer has come to rest.
function pictureCame() {
  refresh();
  if (point() === null || state.playing || asked || timer !== 0) return;
  timer = setTimeout(askExact, REST_AFTER);
}

async function askExact() {
  timer = 0;
  const at = point();
  const pixel = at === null || state.style === null ? null : pixelAt(at.left, at.top);
  const { result } = onScreen();
  // A pixel of a small picture is another one in the full size.
  if (pixel === null || result === null || !result.full) return;
  const place = placeIn(result, pixel.at);
  if (place === null) return;
  asked = true;
  controller = new AbortController();
  const body = {
    frame: state.frame,
    lines: null,
    values: requestValues(settings().result),
    pass: state.pass,
    x: place[0],
    y: place[1],
  };
  try {
    const answer = await getPixel(body, controller.signal);
    exact = { x: pixel.x, y: pixel.y, answer };
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
    if (["frame", "values", "setting", "pass", "style", "against"].some((name) => names.has(name))) changed();
    else if (["zoom", "x", "y", "mode"].some((name) => names.has(name))) changed();
  });
  refresh();
}
