// The buttons around the picture: views, flip, zoom, settings, and what is open below.

import { T } from "./texts.js";
import { byId } from "./dom.js";
import { MODES, change, onChange, state } from "./state.js";
import { move, zoomNow, zoomStep, zoomTo } from "./view.js";
import { pictureSize } from "./screen.js";

/** The next view. */
export function nextMode() {
  change({ mode: MODES[(MODES.indexOf(state.mode) + 1) % MODES.length] });
}

/** Compares with the source, or A with B. */
export function nextAgainst() {
  change({ against: state.against === "source" ? "settings" : "source" });
}

/** Swaps the two settings. */
export function swapSettings() {
  change({ values: { a: state.values.b, b: state.values.a } });
}

/** One pixel of the picture is one of the screen, with the middle of the picture in the middle at first. */
export function zoomOne() {
  if (state.zoom === null) {
    const { width, height } = pictureSize();
    change({ x: width / 2, y: height / 2 });
  }
  zoomTo(1);
}

function other() {
  return state.setting === "a" ? "b" : "a";
}

function pressed(selector, name, value) {
  for (const button of document.querySelectorAll(selector)) {
    button.setAttribute("aria-pressed", String(button.dataset[name] === value));
  }
}

function refresh() {
  pressed("[data-mode]", "mode", state.mode);
  pressed("[data-against]", "against", state.against);
  pressed("[data-setting]", "setting", state.setting);
  byId("flip").setAttribute("aria-pressed", String(state.flipped));
  byId("copy-setting").textContent = T.copySetting(state.setting, other());
  byId("zoom-fit").setAttribute("aria-pressed", String(state.zoom === null));
  byId("zoom-one").setAttribute("aria-pressed", String(state.zoom === 1));
  byId("zoom-at").textContent = T.zoomAt(zoomNow());
  byId("back-to-result").hidden = state.pass === null;
  const divider = byId("divider");
  divider.value = String(state.swipe);
  divider.setAttribute("aria-valuetext", T.dividerAt(state.swipe, byId("label-other").textContent, byId("label-result").textContent));
  for (const button of document.querySelectorAll("[data-drawer]")) {
    button.setAttribute("aria-expanded", String(button.dataset.drawer === state.drawer));
  }
  byId("images").hidden = state.drawer !== "images";
  byId("plan").hidden = state.drawer !== "plan";
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
  click("[data-against]", ({ against }) => change({ against }));
  click("[data-setting]", ({ setting }) => change({ setting }));
  click("[data-drawer]", ({ drawer }) => change({ drawer: state.drawer === drawer ? null : drawer }));
  click("#swap", swapSettings);
  click("#copy-setting", () => change({ values: { ...state.values, [other()]: state.values[state.setting] } }));
  click("#zoom-in", () => zoomStep(1));
  click("#zoom-out", () => zoomStep(-1));
  click("#zoom-fit", () => zoomTo(null));
  click("#zoom-one", zoomOne);
  click("#back-to-result", () => change({ pass: null }));
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
