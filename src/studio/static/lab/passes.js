// The images between source and result: a strip of small pictures.

import { byId, el } from "/dom.js";
import { T } from "./words.js";
import { change, onChange, requestValues, state } from "./state.js";
import { pictureSize, specOf as viewOf } from "./screen.js";
import { failure, find, onPicture, spec, want } from "./pictures.js";
import { passesAt } from "./there.js";

const LINES = 270;
// The width of a picture in the strip, in pixels.
const WIDTH = 320;

const strip = byId("strip");

let items = [];
let watcher = null;
// The passes that there are with these values, in the full size and in a small one; null while that is not known.
let known = { full: null, small: null };

const small = () => Math.min(LINES, state.style.input.height);

// Where a picture is so small, a pass may be left out. Then the full size shows it.
function specOf(pass) {
  const isSmall = pass === null || (known.small?.has(pass) ?? true);
  return specAt(pass, isSmall ? small() : null);
}

function specAt(pass, lines) {
  return spec({
    frame: state.frame,
    lines,
    values: requestValues(),
    pass,
    side: "result",
    draft: true,
    format: "png",
    version: state.style.version,
  });
}

function build() {
  watcher?.disconnect();
  watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const item = items.find(({ element }) => element === entry.target);
        if (item !== undefined) item.visible = entry.isIntersecting;
      }
      ask();
    },
    { root: strip, rootMargin: "0px 120px" },
  );
  const { passes, input } = state.style;
  const result = { name: null, title: T.resultImage, about: `${input.width}×${input.height}`, words: false };
  const images = passes.map((pass) => ({ name: pass.name, title: pass.name, about: T.pass(pass), words: pass.words }));
  items = [result, ...images].map(({ name, title, about, words }) => {
    const canvas = el("canvas", { "aria-hidden": "true" });
    const element = el(
      "button",
      { type: "button", class: "thumbnail", title: `${T.showPass(title)}, ${about}`, disabled: words, onclick: () => change({ pass: name }) },
      el("span", { class: "thumbnail-picture" }, canvas),
      el("span", { class: "thumbnail-name" }, title),
      el("span", { class: "thumbnail-about" }, about),
    );
    watcher.observe(element);
    return { name, words, element, canvas, drawn: null, visible: false };
  });
  strip.replaceChildren(...items.map(({ element }) => element));
  byId("no-images").hidden = passes.length > 0;
}

function ask() {
  // Pictures of other frames and values while something moves would only be in the way.
  const idle = state.style !== null && state.drawer === "images" && !state.moving && !state.playing && state.watching === null;
  // Where the result cannot be rendered, neither can what leads to it.
  const view = idle ? viewOf(state.setting, true) : null;
  const broken = idle && (failure(specOf(null)) !== null || (state.pass === null && failure(view) !== null));
  // The picture itself goes first.
  if (idle && !broken && (find(view) ?? failure(view)) !== null) learn();
  const isThere = ({ name }) => name === null || (known.full?.has(name) && known.small !== null);
  want("images", idle && !broken ? items.filter((item) => item.visible && !item.words && isThere(item)).map(({ name }) => specOf(name)) : []);
  draw();
}

// One question at a time.
function learn() {
  const full = passesAt(null, ask);
  known = { full, small: full === null ? null : passesAt(small(), ask) };
  // Nothing is to be seen of what the values took away.
  if (full !== null) for (const { name, element } of items) element.hidden = name !== null && !full.has(name);
}

function draw() {
  if (state.style === null) return;
  for (const item of items) {
    item.element.setAttribute("aria-pressed", String(item.name === state.pass));
    if (item.words) continue;
    const wanted = specOf(item.name);
    item.element.classList.toggle("failed", failure(wanted) !== null);
    const picture = find(wanted);
    item.element.classList.toggle("stale", picture === null);
    if (picture === null || picture === item.drawn) continue;
    item.drawn = picture;
    const { bitmap } = picture;
    const { width, height } = pictureSize();
    item.canvas.width = WIDTH;
    item.canvas.height = Math.max(1, Math.round((WIDTH * height) / width));
    const onto = item.canvas.getContext("2d");
    onto.imageSmoothingQuality = "high";
    onto.drawImage(bitmap, 0, 0, item.canvas.width, item.canvas.height);
  }
}

/** Shows the strip from now on. */
export function followImages() {
  let built = "";
  onChange((names) => {
    if (state.style === null) return;
    const text = JSON.stringify([state.style.passes, state.style.input]);
    if (text !== built) {
      built = text;
      build();
    }
    if (["style", "values", "setting"].some((name) => names.has(name))) known = { full: null, small: null };
    if (["style", "frame", "values", "setting", "pass", "drawer", "moving", "playing", "watching"].some((name) => names.has(name))) ask();
  });
  onPicture(ask);
}
