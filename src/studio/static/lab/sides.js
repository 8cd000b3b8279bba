// What the view compares: settings and the source, by their ids.

import { T } from "./words.js";
import { LETTERS, SOURCE, change, state } from "./state.js";

/** At most so many tiles beside each other. */
export const MOST_TILES = 4;

/** The settings that there are, in order. */
export function settingIds() {
  return LETTERS.filter((letter) => letter in state.values);
}

/** All that can be shown. */
export function allIds() {
  return [SOURCE, ...settingIds()];
}

/** What lies left and right. */
export function sides() {
  return state.blind ?? { left: state.left, right: state.right };
}

/** What a view of one picture shows. */
export function mainId() {
  return state.blind === null ? state.setting : state.blind.right;
}

/** What is shown while the picture is flipped. */
export function flipId() {
  const { left, right } = sides();
  if (state.mode !== "single") return left;
  const main = mainId();
  if (left !== main) return left;
  return right === main ? SOURCE : right;
}

/** The tiles of a split view. */
export function tileIds() {
  const { left, right } = sides();
  const tiles = state.blind === null ? state.tiles : null;
  return tiles ?? [left, right];
}

/** What the view shows now. */
export function shownIds() {
  if (state.flipped) return [flipId()];
  if (state.mode === "single") return [mainId()];
  if (state.mode === "split") return tileIds();
  const { left, right } = sides();
  return left === right ? [left] : [left, right];
}

/** What the view does not show, but may at the next touch of a key. */
export function hiddenIds() {
  const shown = shownIds();
  return [...new Set([mainId(), flipId()])].filter((id) => !shown.includes(id));
}

/** The picture that the page is about: the right one where two are compared. */
export function aboutId() {
  if (state.flipped || state.mode === "single") return shownIds()[0];
  if (state.mode === "split") return tileIds().includes(state.setting) && state.blind === null ? state.setting : tileIds().at(-1);
  return sides().right;
}

/** Its name. A comparison without names tells only the side. */
export function nameOf(id) {
  if (state.blind !== null && id === state.blind.left) return T.blind.leftName;
  if (state.blind !== null && id === state.blind.right) return T.blind.rightName;
  return plainName(id);
}

/** The name of a setting or of the source, told always. */
export function plainName(id) {
  return id === SOURCE ? T.source : T.setting(id, state.names[id]);
}

/** Its name where there is little room: the letter comes first. */
export function shortName(id) {
  return id === SOURCE ? T.source : T.settingShort(id, state.names[id]);
}

/** Edits a setting from now on, and shows it. */
export function use(id) {
  if (!(id in state.values)) return;
  const patch = { setting: id };
  if (state.left !== id && state.right !== id) patch.right = id;
  if (state.tiles !== null && !state.tiles.includes(id)) {
    patch.tiles = state.tiles.length < MOST_TILES ? inOrder([...state.tiles, id]) : [...state.tiles.slice(0, -1), id];
  }
  change(patch);
}

/** Ids in the order in which they are always shown. */
export function inOrder(ids) {
  return allIds().filter((id) => ids.includes(id));
}
