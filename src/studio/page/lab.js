// The page of the studio: a style on a frame of a clip, rendered again at every change.

import { getStyle, listen } from "./api.js";
import { T } from "./texts.js";
import { byId, el, icon } from "./dom.js";
import { change, followAddress, fromHash, state } from "./state.js";
import { forgetFailures, hasPictures, onPicture } from "./pictures.js";
import { clearProblem, showProblem } from "./messages.js";
import { redraw } from "./view.js";
import { followCard, forget } from "./gpu.js";
import { followState } from "./screen.js";
import { followValues } from "./readout.js";
import { fitValues, followParameters } from "./controls.js";
import { followTime } from "./timeline.js";
import { followImages } from "./passes.js";
import { followPlan } from "./plan.js";
import { followExport } from "./export.js";
import { followTools } from "./tools.js";
import { followKeys } from "./keyboard.js";

/** Fills in the texts and the icons that the page names. */
function fillIn() {
  const text = (name) => name.split(".").reduce((from, part) => from[part], T);
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
  for (const element of document.querySelectorAll("[data-title]")) element.title = text(element.dataset.title);
  for (const element of document.querySelectorAll("[data-icon]")) element.replaceChildren(icon(element.dataset.icon));
  for (const element of document.querySelectorAll("[data-setting]")) {
    element.textContent = element.dataset.setting.toUpperCase();
    element.title = T.useSetting(element.dataset.setting);
    element.setAttribute("aria-label", T.useSetting(element.dataset.setting));
  }
}

let loading = null;
let again = false;

/** Reads the style once more. While it is read, further calls lead to one more reading. */
async function load() {
  if (loading !== null) {
    again = true;
    return loading;
  }
  loading = read();
  await loading;
  loading = null;
  if (again) {
    again = false;
    await load();
  }
}

async function read() {
  let style;
  try {
    style = await getStyle();
  } catch (error) {
    showProblem("server", error);
    return;
  }
  clearProblem("server");
  if (style.version !== state.style?.version) {
    forgetFailures();
    forget();
  }
  if (style.error === null) clearProblem("style");
  else {
    const message = style.passes.length === 0 ? T.styleNeverLoaded : T.styleBroken;
    showProblem("style", { message, code: style.error.text });
  }
  if (state.style === null) change({ begun: style.set ?? {} });
  // The server knows its device when it has rendered something, and forgets it with a version of the style.
  style.software = style.device === null ? (state.style?.software ?? style.software) : style.software;
  style.device ??= state.style?.device ?? null;
  fitValues(style);
  // Passes that only some values lead to are in no list, so a pass is gone only where it was in one.
  const has = (passes) => passes?.some(({ name }) => name === state.pass) ?? false;
  const gone = has(state.style?.passes) && !has(style.passes);
  if (gone) change({ pass: null });
  const frames = Math.max(1, style.input.frames ?? 1);
  change({ style, frame: Math.min(state.frame, frames - 1) });
  describe(style);
}

function describe(style) {
  document.title = T.title(style.name, style.input.name);
  byId("style-name").textContent = style.name;
  byId("style-name").title = style.folder ?? "";
  byId("style-summary").textContent = style.summary;
  byId("clip").textContent = T.clip(style.input);
  byId("device").textContent = style.device === null ? "" : T.device(style.device, style.software);
  byId("version").textContent = T.version(style.version);
  const notes = style.notes ?? [];
  byId("notes").hidden = notes.length === 0;
  byId("notes").replaceChildren(...notes.map((note) => el("li", {}, note)));
}

fillIn();
change(fromHash(location.hash));
followAddress();
followTools();
followState();
followValues();
followParameters();
followTime();
followImages();
followPlan();
followExport();
followKeys();
followCard();
// The surround of the picture is drawn, so it follows the system's colours by hand.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
byId("skip").addEventListener("click", () => byId("parameters").focus());
onPicture(() => {
  if (state.style?.device === null && hasPictures()) load();
});
// A server that said good-bye is gone, not lost.
let ended = false;
listen({
  style: load,
  open: () => {
    ended = false;
    load();
  },
  lost: () => showProblem("server", { message: ended ? T.ended : T.unreachable, detail: T.unreachableDetail }),
  bye: () => {
    ended = true;
    showProblem("server", { message: T.ended, detail: T.unreachableDetail });
  },
});
await load();
