// The picture: drawn on one canvas, zoomed and moved, alone or beside those it is compared with.

import { byId } from "/dom.js";
import { T } from "./words.js";
import { change, state } from "./state.js";

const MOST_ZOOM = 64;
const LEAST_ZOOM = 1 / 32;
const STEP = Math.SQRT2;
// The free space around a picture that is fitted in, and between two, in pixels of the page.
const MARGIN = 12;
const GAP = 8;

const stage = byId("stage");
const canvas = byId("canvas");
const divider = byId("divider");
const chips = [...stage.querySelectorAll(".chip.name")];
const context = canvas.getContext("2d", { alpha: false });
const difference = document.createElement("canvas");
const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
probe.canvas.width = 1;
probe.canvas.height = 1;
// What was there before must not shine through.
probe.globalCompositeOperation = "copy";

// What is shown: pictures by id, null where one is not here yet; how they are laid out; what each is called; and the full
// size of a picture. `ids` are the tiles of a split view, else the left and the right one, or a single one.
let shown = { mode: "single", ids: ["a"], pictures: new Map(), names: new Map(), size: { width: 16, height: 9 } };
let differenceOf = [null, null];
let pending = false;

/** Shows these pictures. */
export function show(next) {
  shown = next;
  redraw();
}

/** Draws once more, at the next chance. */
export function redraw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(draw);
}

function density() {
  return devicePixelRatio || 1;
}

/** Columns and rows of `count` tiles: as they leave most of the picture. */
function tiling(count, width, height) {
  const { size } = shown;
  let best = null;
  for (let columns = count; columns >= 1; columns -= 1) {
    const rows = Math.ceil(count / columns);
    // The same number of rows with fewer columns leaves fewer gaps.
    if (columns > 1 && Math.ceil(count / (columns - 1)) === rows) continue;
    const tile = { width: (width - (columns - 1) * GAP) / columns, height: (height - (rows - 1) * GAP) / rows };
    const scale = Math.min(tile.width / size.width, tile.height / size.height);
    if (best === null || scale > best.scale) best = { columns, scale, tile };
  }
  return best;
}

/** The parts of the stage: a rectangle in pixels of the page, and the picture that is drawn in it. */
function panes() {
  const width = stage.clientWidth;
  const height = stage.clientHeight;
  const { ids, mode } = shown;
  if (mode !== "split" || ids.length < 2) return [{ left: 0, top: 0, width, height, id: ids.at(-1) }];
  const { columns, tile } = tiling(ids.length, width, height);
  return ids.map((id, index) => ({
    left: (index % columns) * (tile.width + GAP),
    top: Math.floor(index / columns) * (tile.height + GAP),
    ...tile,
    id,
  }));
}

/** Pixels of the page for one pixel of the picture. */
function scaleIn(pane) {
  if (state.zoom !== null) return state.zoom / density();
  const margin = Math.min(MARGIN, pane.width / 40);
  const { width, height } = shown.size;
  return Math.max(1e-3, Math.min((pane.width - 2 * margin) / width, (pane.height - 2 * margin) / height));
}

/** Where the middle of a pane lies in the picture: no farther out than needed to see the edge. */
function middle(pane, scale) {
  const along = (at, whole, visible) => {
    if (state.zoom === null || visible >= whole) return whole / 2;
    return Math.min(whole - visible / 2, Math.max(visible / 2, at));
  };
  return {
    x: along(state.x, shown.size.width, pane.width / scale),
    y: along(state.y, shown.size.height, pane.height / scale),
  };
}

/** The picture's rectangle in a pane, in pixels of the screen, so that pixels fall on pixels. */
function rectangle(pane) {
  const scale = scaleIn(pane);
  const at = middle(pane, scale);
  const dense = density();
  const left = Math.round((pane.left + pane.width / 2 - at.x * scale) * dense);
  const top = Math.round((pane.top + pane.height / 2 - at.y * scale) * dense);
  return { left, top, width: shown.size.width * scale * dense, height: shown.size.height * scale * dense };
}

/**
 * Where a picture of another shape lies in the rectangle `whole`. The image of a pass fills it: it is of the whole picture,
 * also where it has fewer columns or rows.
 */
function contained({ width: columns, height: rows, ofPass }, whole) {
  if (ofPass) return whole;
  const scale = Math.min(whole.width / columns, whole.height / rows);
  const width = columns * scale;
  const height = rows * scale;
  // A pixel more or less is rounding of a smaller size, not another shape.
  if (Math.abs(width - whole.width) < 2 * scale && Math.abs(height - whole.height) < 2 * scale) return whole;
  return { left: whole.left + (whole.width - width) / 2, top: whole.top + (whole.height - height) / 2, width, height };
}

function paint({ bitmap: image, width, full }, to, clip, opacity = 1) {
  context.save();
  context.beginPath();
  context.rect(clip.left, clip.top, clip.width, clip.height);
  context.clip();
  // A small picture in place of a large one is smooth; pixels are for the real ones.
  context.imageSmoothingEnabled = !full || to.width < width;
  context.globalAlpha = opacity;
  context.imageSmoothingQuality = "high";
  context.drawImage(image, to.left, to.top, to.width, to.height);
  context.restore();
}

function draw() {
  pending = false;
  const dense = density();
  const width = Math.max(1, Math.round(stage.clientWidth * dense));
  const height = Math.max(1, Math.round(stage.clientHeight * dense));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.fillStyle = getComputedStyle(stage).backgroundColor;
  context.fillRect(0, 0, width, height);
  const { mode, ids, pictures } = shown;
  const parts = panes();
  for (const pane of parts) {
    const whole = rectangle(pane);
    const clip = { left: pane.left * dense, top: pane.top * dense, width: pane.width * dense, height: pane.height * dense };
    const picture = pictures.get(pane.id) ?? null;
    const other = ids.length > 1 ? (pictures.get(ids[0]) ?? null) : null;
    if (mode === "difference" && picture !== null && other !== null) {
      paint(differenceOfPictures(picture, other), whole, clip);
      continue;
    }
    // Under an onion skin lies the left picture.
    if (mode === "onion" && other !== null) paint(other, contained(other, whole), clip);
    const opacity = mode === "onion" && other !== null ? state.opacity / 100 : 1;
    if (picture !== null) paint(picture, contained(picture, whole), clip, opacity);
    if (mode === "swipe" && other !== null) {
      paint(other, contained(other, whole), { ...clip, width: (clip.width * state.swipe) / 100 });
    }
  }
  stage.classList.toggle("zoomed", state.zoom !== null);
  stage.classList.toggle("flipped", state.flipped);
  placeNames(parts);
  // It stays while the picture is flipped, so that it keeps the focus.
  divider.hidden = state.mode !== "swipe";
}

/** Puts the names of the pictures at the top of them. */
function placeNames(parts) {
  const { mode, ids, names } = shown;
  const places =
    mode === "split" || ids.length < 2
      ? parts.map(({ left, top, width, id }) => ({ id, left, top, width, end: false }))
      : ids.map((id, index) => ({ id, left: 0, top: 0, width: parts[0].width, end: index > 0 }));
  chips.forEach((chip, index) => {
    const place = places[index];
    chip.hidden = place === undefined;
    if (place === undefined) return;
    const text = names.get(place.id) ?? "";
    if (chip.textContent !== text) chip.textContent = text;
    chip.classList.toggle("end", place.end);
    chip.style.top = `${place.top}px`;
    chip.style.left = place.end ? "auto" : `${place.left}px`;
    chip.style.maxWidth = `${place.width / (parts.length > 1 || ids.length < 2 ? 1 : 2) - 12}px`;
  });
}

/** Eight times the difference of two pictures. Its codes are exact: blending adds and subtracts whole numbers. */
function differenceOfPictures(a, b) {
  const large = a.width >= b.width ? a : b;
  const made = { bitmap: difference, width: large.width, height: large.height, full: a.full };
  // A video is another picture at every frame.
  if (differenceOf[0] === a.bitmap && differenceOf[1] === b.bitmap && !a.ofVideo && !b.ofVideo) return made;
  differenceOf = [a.bitmap, b.bitmap];
  difference.width = large.width;
  difference.height = large.height;
  const onto = difference.getContext("2d", { alpha: false });
  onto.drawImage(b.bitmap, 0, 0, large.width, large.height);
  onto.globalCompositeOperation = "difference";
  onto.drawImage(a.bitmap, 0, 0, large.width, large.height);
  onto.globalCompositeOperation = "lighter";
  for (let doubled = 0; doubled < 3; doubled += 1) onto.drawImage(difference, 0, 0);
  return made;
}

/**
 * The pixel of the picture at a point of the stage, in pixels of the page; null beside the picture. `at` is where it lies
 * as a share of the width and the height, `id` whose picture lies there.
 */
export function pixelAt(left, top) {
  const pane = panes().find(
    (part) => left >= part.left && left < part.left + part.width && top >= part.top && top < part.top + part.height,
  );
  if (pane === undefined) return null;
  const whole = rectangle(pane);
  const at = { x: (left * density() - whole.left) / whole.width, y: (top * density() - whole.top) / whole.height };
  if (at.x < 0 || at.x >= 1 || at.y < 0 || at.y >= 1) return null;
  return { x: Math.floor(at.x * shown.size.width), y: Math.floor(at.y * shown.size.height), at, id: pane.id };
}

/** The pixel of the picture itself at that place, column and row; null beside a picture of another shape. */
export function placeIn(picture, at) {
  const { width, height } = picture;
  const whole = contained(picture, { left: 0, top: 0, ...shown.size });
  const x = Math.floor(((at.x * shown.size.width - whole.left) / whole.width) * width);
  const y = Math.floor(((at.y * shown.size.height - whole.top) / whole.height) * height);
  return x < 0 || y < 0 || x >= width || y >= height ? null : [x, y];
}

/** Red, green and blue that the picture shows there, 0 to 255; null where it is not here. */
export function codesAt(picture, at) {
  const place = picture === null ? null : placeIn(picture, at);
  if (place === null) return null;
  probe.drawImage(picture.bitmap, ...place, 1, 1, 0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

/** The zoom that is seen now, also where the picture is fitted in: pixels of the screen for one of the picture. */
export function zoomNow() {
  return scaleIn(panes()[0]) * density();
}

/** Zooms to `zoom`, or fits in for null. The point of the stage under `left`, `top` stays where it is; without one, the middle. */
export function zoomTo(zoom, left, top) {
  if (zoom === null) {
    change({ zoom: null });
    return;
  }
  const pane =
    panes().find((part) => left >= part.left && left < part.left + part.width && top >= part.top && top < part.top + part.height) ??
    panes()[0];
  const scale = scaleIn(pane);
  const at = middle(pane, scale);
  const away = {
    x: left === undefined ? 0 : left - pane.left - pane.width / 2,
    y: top === undefined ? 0 : top - pane.top - pane.height / 2,
  };
  const next = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
  const nextScale = next / density();
  change({ zoom: next, x: at.x + away.x / scale - away.x / nextScale, y: at.y + away.y / scale - away.y / nextScale });
}

/** One step in (1) or out (-1). */
export function zoomStep(direction) {
  zoomTo(zoomNow() * STEP ** direction);
}

/** Moves the picture by pixels of the page. Fitted in, there is nowhere to go. */
export function move(right, down) {
  if (state.zoom === null) return;
  const pane = panes()[0];
  const scale = scaleIn(pane);
  const at = middle(pane, scale);
  change({ x: at.x - right / scale, y: at.y - down / scale });
}

/** The middle of the stage, in pixels of the page. */
export function centre() {
  const [pane] = panes();
  return { left: pane.left + pane.width / 2, top: pane.top + pane.height / 2 };
}

/** Lets people zoom by wheel and by two fingers, and move the picture by dragging it. `pointed` is told where they point. */
export function followPointer(pointed) {
  const fingers = new Map();
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return { left: event.clientX - box.left, top: event.clientY - box.top };
  };
  const span = () => {
    const [a, b] = [...fingers.values()];
    return { left: (a.left + b.left) / 2, top: (a.top + b.top) / 2, length: Math.hypot(a.left - b.left, a.top - b.top) };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
    stage.classList.toggle("dragged", state.zoom !== null);
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = place(event);
    pointed(now);
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    if (fingers.size === 1) {
      fingers.set(event.pointerId, now);
      move(now.left - before.left, now.top - before.top);
    } else if (fingers.size === 2) {
      const old = span();
      fingers.set(event.pointerId, now);
      const fresh = span();
      zoomTo((zoomNow() * fresh.length) / Math.max(1, old.length), fresh.left, fresh.top);
      move(fresh.left - old.left, fresh.top - old.top);
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      fingers.delete(event.pointerId);
      stage.classList.remove("dragged");
    });
  }
  stage.addEventListener("pointerleave", () => pointed(null));
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const { left, top } = place(event);
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      zoomTo(zoomNow() * 2 ** (-Math.max(-240, Math.min(240, event.deltaY * lines)) / 240), left, top);
    },
    { passive: false },
  );
  new ResizeObserver(redraw).observe(stage);
  divider.setAttribute("aria-label", T.divider);
  divider.addEventListener("input", () => change({ swipe: Number(divider.value) }));
}
