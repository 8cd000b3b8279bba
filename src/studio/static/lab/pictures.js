// Pictures of frames: asked for one after the other, and kept for when they are shown again.
//
// Parts of the page say which pictures they want, in the order in which they want them. One request is under way at a
// time: the server has one renderer, and a large picture that is not wanted any more should not hold up one that is. A
// small one is let through: while a slider moves all the time, none would ever come otherwise.

import { Problem } from "/request.js";
import { getFrame } from "./api.js";
import { canDraw, draw } from "./gpu.js";
import { fps } from "./state.js";
import { T } from "./words.js";

const MEMORY = 256 * 1024 * 1024;
// What is wanted first comes first.
const ORDER = ["save", "view", "play", "images"];

const kept = new Map();
const failed = new Map();
const wanted = new Map(ORDER.map((who) => [who, []]));
const pinned = new Set();
const listeners = new Set();
let held = 0;
let current = null;

/** Calls `listener` whenever a picture has come or failed. */
export function onPicture(listener) {
  listeners.add(listener);
}

/**
 * What a picture is of. `lines` is null for full size, `format` is "png", or "jpeg" for one that will be gone soon. The
 * source depends on no version and no setting, so it is asked for once.
 */
export function spec({ frame, lines, values, pass, side, draft, version, format }) {
  const ofSource = side === "source";
  const asked = { frame, lines, values: ofSource ? {} : values, pass: ofSource ? null : pass, side, draft, format };
  const key = JSON.stringify([frame, lines, draft, format, side, ofSource ? 0 : version, asked.pass, asked.values]);
  return { key, asked };
}

/** The picture, where it is here; null where it is not. */
export function find(spec) {
  const picture = kept.get(spec.key);
  if (picture === undefined) return null;
  kept.delete(spec.key);
  kept.set(spec.key, picture);
  return picture;
}

/** Why the picture could not be rendered; null where nothing went wrong. */
export function failure(spec) {
  return failed.get(spec.key) ?? null;
}

/** Whether a picture has come. */
export const hasPictures = () => kept.size > 0;

/** Forgets failures, so that what failed is asked for again. */
export function forgetFailures() {
  failed.clear();
  next();
}

/** Says what `who` wants from now on: a list of specs, first things first. */
export function want(who, specs) {
  wanted.set(who, specs);
  next();
}

/** Pictures that are on the screen, which are kept whatever the memory. */
export function pin(pictures) {
  pinned.clear();
  for (const picture of pictures) if (picture !== null) pinned.add(picture);
}

/** Waits for a picture that is wanted; rejects with the problem where it fails. */
export function arrival(spec) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const picture = find(spec);
      const problem = failure(spec);
      if (picture === null && problem === null) return;
      listeners.delete(look);
      if (picture === null) reject(problem);
      else resolve(picture);
    };
    listeners.add(look);
    look();
  });
}

function firstMissing() {
  for (const [rank, who] of ORDER.entries()) {
    const missing = wanted.get(who).find((spec) => !kept.has(spec.key) && !failed.has(spec.key));
    if (missing !== undefined) return { spec: missing, rank };
  }
  return null;
}

function isWanted(key) {
  return ORDER.some((who) => wanted.get(who).some((spec) => spec.key === key));
}

function next() {
  const missing = firstMissing();
  if (current !== null) {
    const overtaken = missing !== null && missing.rank < current.rank;
    const large = !current.spec.asked.draft;
    if (overtaken || (large && !isWanted(current.spec.key))) {
      current.controller.abort();
      current = null;
    }
  }
  if (current === null && missing !== null) fetchOne(missing);
}

async function fetchOne({ spec, rank }) {
  const mine = { spec, rank, controller: new AbortController() };
  current = mine;
  try {
    const picture = await made(spec, mine.controller.signal);
    if (current === mine) keep(spec, picture);
    else picture.bitmap.close();
  } catch (error) {
    if (current !== mine) return;
    if (error.name !== "AbortError") {
      failed.set(spec.key, error instanceof Problem ? error : new Problem(0, T.badPicture, T.badPictureDetail));
    }
  }
  if (current !== mine) return;
  current = null;
  for (const listener of [...listeners]) listener();
  next();
}

/** The picture of this browser's graphics card where that is used, else the server's. */
async function made(spec, signal) {
  if (canDraw(spec.asked)) {
    const drawn = await draw(spec.asked, fps(), signal);
    if (drawn !== null) return { ...drawn, blob: null, ...sizeOf(drawn.bitmap), ...kindOf(spec.asked) };
  }
  return decode(await getFrame(spec.asked, signal), spec);
}

async function decode(answer, spec) {
  // The codes of the file, not those that the screen's profile makes of them.
  const bitmap = await createImageBitmap(answer.blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { blob, ...about } = answer;
  return { ...about, bitmap, blob, ...sizeOf(bitmap), ...kindOf(spec.asked) };
}

function sizeOf({ width, height }) {
  return { width, height };
}

function kindOf({ draft, lines, pass }) {
  return { draft, full: lines === null, ofPass: pass !== null };
}

function size(picture) {
  return picture.width * picture.height * 4 + (picture.blob?.size ?? 0);
}

function keep(spec, picture) {
  kept.set(spec.key, picture);
  held += size(picture);
  for (const [key, old] of kept) {
    if (held <= MEMORY) break;
    if (pinned.has(old) || isWanted(key)) continue;
    kept.delete(key);
    held -= size(old);
    old.bitmap.close();
  }
}
