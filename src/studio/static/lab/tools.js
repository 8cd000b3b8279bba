// The buttons around the picture: views, what is compared, flip, zoom, and what is open below.

import { byId, el } from "/dom.js";
import { T } from "./words.js";
import { MODES, SOURCE, change, onChange, state } from "./state.js";
import { allIds, inOrder, MOST_TILES, nameOf, plainName, shortName, sides, tileIds } from "./sides.js";
import { move, zoomNow, zoomStep, zoomTo } from "./view.js";
import { pictureSize } from "./screen.js";

/** The next view. */
export function nextMode() {
  change({ mode: MODES[(MODES.indexOf(state.mode) + 1) % MODES.length] });
}

/** Compares with the next one: the source, or a setting. */
export function nextLeft() {
  if (state.blind !== null) return;
  const ids = allIds().filter((id) => id !== state.right);
  change({ left: ids[(ids.indexOf(state.left) + 1) % ids.length] });
}

/** Swaps what lies left and right. */
export function swapSides() {
  if (state.blind === null) change({ left: state.right, right: state.left, tiles: state.tiles?.toReversed() ?? null });
}

/** One pixel of the picture is one of the screen, with the middle of the picture in the middle at first. */
export function zoomOne() {
  if (state.zoom === null) {
    const { width, height } = pictureSize();
    change({ x: width / 2, y: height / 2 });
  }
  zoomTo(1);
}

function pressed(selector, name, value) {
  for (const button of document.querySelectorAll(selector)) {
    button.setAttribute("aria-pressed", String(button.dataset[name] === value));
  }
}

/** Puts `id` on a side. What is edited is what is seen, so that this may be another setting from now on. */
function choose(side, id) {
  change({ [side]: id });
  const seen = [state.left, state.right];
  if (state.mode !== "single" && id !== SOURCE && !seen.includes(state.setting)) change({ setting: id });
}

/** Shows a tile, or not. There are at least two, and at most four. */
function toggleTile(id) {
  const tiles = tileIds();
  if (!tiles.includes(id)) {
    if (tiles.length < MOST_TILES) change({ tiles: inOrder([...tiles, id]) });
  } else if (new Set(tiles).size > 2) {
    change({ tiles: tiles.filter((one) => one !== id) });
  }
}

let offered = "";

// Settings come and go, so that the choices do, too.
function offerSides() {
  const ids = allIds();
  const text = JSON.stringify(ids.map(plainName));
  if (text === offered) return;
  offered = text;
  for (const side of ["left", "right"]) {
    byId(`side-${side}`).replaceChildren(...ids.map((id) => el("option", { value: id }, shortName(id))));
  }
  byId("tiles").replaceChildren(
    ...ids.map((id) =>
      el(
        "button",
        { type: "button", "data-tile": id, title: T.showTile(plainName(id)), onclick: () => toggleTile(id) },
        id.length === 1 ? id.toUpperCase() : plainName(id),
      ),
    ),
  );
}

function refreshSides() {
  offerSides();
  const two = ["swipe", "onion", "difference"].includes(state.mode);
  const several = state.mode === "split";
  // What lies where is not told in a comparison without names.
  byId("sides").hidden = several || state.blind !== null;
  byId("tile-choice").hidden = !several || state.blind !== null;
  byId("side-left").value = state.left;
  byId("side-right").value = state.right;
  byId("left-word").textContent = two ? T.left : T.against;
  byId("right-choice").hidden = !two;
  byId("swap").hidden = !two;
  const tiles = tileIds();
  const count = new Set(tiles).size;
  for (const button of document.querySelectorAll("[data-tile]")) {
    const on = tiles.includes(button.dataset.tile);
    button.setAttribute("aria-pressed", String(on));
    button.disabled = on ? count <= 2 : tiles.length >= MOST_TILES;
  }
}

function refresh() {
  pressed("[data-mode]", "mode", state.mode);
  refreshSides();
  byId("flip").setAttribute("aria-pressed", String(state.flipped));
  byId("zoom-fit").setAttribute("aria-pressed", String(state.zoom === null));
  byId("zoom-one").setAttribute("aria-pressed", String(state.zoom === 1));
  byId("zoom-at").textContent = T.zoomAt(zoomNow());
  byId("back-to-result").hidden = state.pass === null;
  const { left, right } = sides();
  const divider = byId("divider");
  divider.value = String(state.swipe);
  divider.setAttribute("aria-valuetext", T.dividerAt(state.swipe, nameOf(left), nameOf(right)));
  const opacity = byId("opacity");
  byId("opacity-choice").hidden = state.mode !== "onion";
  opacity.value = String(state.opacity);
  opacity.setAttribute("aria-valuetext", T.opacityAt(state.opacity, nameOf(left), nameOf(right)));
  for (const button of document.querySelectorAll("[data-drawer]")) {
    const open = button.dataset.drawer === state.drawer;
    button.setAttribute("aria-expanded", String(open));
    byId(button.dataset.drawer).hidden = !open;
  }
}

function followFlip() {
  const flip = byId("flip");
  const set = (flipped) => () => change({ flipped });
  flip.addEventListener("pointerdown", set(true));
  for (const end of ["pointerup", "pointercancel", "pointerleave", "blur", "keyup"]) flip.addEventListener(end, set(false));
  flip.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") change({ flipped: true });
  });
  // The key may come up in another window.
  addEventListener("blur", set(false));
}

/** Makes the buttons work, and shows the state on them. */
export function followTools() {
  const click = (selector, act) => {
    for (const button of document.querySelectorAll(selector)) button.addEventListener("click", () => act(button.dataset));
  };
  click("[data-mode]", ({ mode }) => change({ mode }));
  click("[data-drawer]", ({ drawer }) => change({ drawer: state.drawer === drawer ? null : drawer }));
  click("#swap", swapSides);
  click("#zoom-in", () => zoomStep(1));
  click("#zoom-out", () => zoomStep(-1));
  click("#zoom-fit", () => zoomTo(null));
  click("#zoom-one", zoomOne);
  click("#back-to-result", () => change({ pass: null }));
  byId("side-left").addEventListener("change", (event) => choose("left", event.target.value));
  byId("side-right").addEventListener("change", (event) => choose("right", event.target.value));
  byId("opacity").addEventListener("input", (event) => change({ opacity: Number(event.target.value) }));
  followFlip();
  byId("stage").addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step === undefined || !event.shiftKey || event.target !== event.currentTarget) return;
    event.preventDefault();
    event.stopPropagation();
    move(40 * step[0], 40 * step[1]);
  });
  onChange(refresh);
  addEventListener("resize", refresh);
  refresh();
}
