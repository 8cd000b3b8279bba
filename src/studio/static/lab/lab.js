// The Lab: a style on a frame of a clip, rendered again at every change, with up to four settings beside each other.

import { byId, icon } from "/dom.js";
import { on, onGap, onOpen } from "/feed.js";
import { clearProblem, showProblem } from "/say.js";
import { getStyle, useSession } from "./api.js";
import { T } from "./words.js";
import { change, state } from "./state.js";
import { followAddress, fromHash, kept } from "./address.js";
import { forgetFailures, hasPictures, onPicture } from "./pictures.js";
import { followCard, forget } from "./gpu.js";
import { followState } from "./screen.js";
import { followValues } from "./readout.js";
import { fitValues, followParameters } from "./controls.js";
import { followSettings } from "./settings.js";
import { followTime } from "./timeline.js";
import { followImages } from "./passes.js";
import { followPlan } from "./plan.js";
import { followExport } from "./export.js";
import { followQueue } from "./queue.js";
import { followWatch } from "./watch.js";
import { followClips } from "./clip-list.js";
import { followBlind } from "./blind.js";
import { followTools } from "./tools.js";
import { followKeys } from "./keyboard.js";
import { followTheme } from "./theme.js";
import { startSession } from "./start.js";

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
    // A session ends with the server that had it.
    if (error.status === 404) {
      clearProblem("server");
      showProblem("session", { message: T.start.gone, link: { href: "/lab", words: T.start.title } });
    } else showProblem("server", error);
    return;
  }
  clearProblem("server");
  clearProblem("session");
  if (style.version !== state.style?.version) {
    forgetFailures();
    forget();
  }
  if (style.error === null) clearProblem("style");
  else {
    const message = style.passes.length === 0 ? T.styleNeverLoaded : T.styleBroken;
    showProblem("style", { message, code: style.error.text });
  }
  if (state.style === null) change({ begun: style.set ?? {}, ...kept(style) });
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

/** Works on a session from now on. */
async function begin(session) {
  useSession(session);
  byId("lab").hidden = false;
  change(fromHash(location.hash));
  followAddress();
  followTools();
  followState();
  followValues();
  followParameters();
  followSettings();
  followTime();
  followImages();
  followPlan();
  followQueue();
  followWatch();
  followClips();
  followBlind();
  followCard();
  onPicture(() => {
    if (state.style?.device === null && hasPictures()) load();
  });
  on("style", (event) => {
    if (event?.session === session) load();
  });
  onGap(load);
  onOpen(load);
  await load();
}

for (const element of document.querySelectorAll("[data-icon]")) element.replaceChildren(icon(element.dataset.icon));
followTheme();
followExport();
followKeys();
byId("skip").addEventListener("click", () => (byId("lab").hidden ? byId("start").querySelector("input, select") : byId("parameters")).focus());
const asked = new URLSearchParams(location.search);
let session = asked.get("session");
if (session === null) {
  session = await startSession(asked);
  history.replaceState(null, "", `/lab?session=${encodeURIComponent(session)}${location.hash}`);
}
await begin(session);
