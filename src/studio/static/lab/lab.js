// The Lab: a style on a frame of a clip, rendered again at every change, with up to four settings beside each other.

import { getStyle, useSession } from "./api.js";
import { listen, on } from "./events.js";
import { T } from "./words.js";
import { byId, icon } from "./dom.js";
import { change, state } from "./state.js";
import { followAddress, fromHash } from "./address.js";
import { forgetFailures, hasPictures, onPicture } from "./pictures.js";
import { clearProblem, showProblem } from "./messages.js";
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
      showProblem("session", { message: T.start.gone, link: "/lab" });
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
  // A server that said good-bye is gone, not lost.
  let ended = false;
  on("style", (event) => {
    if (event?.session === session) load();
  });
  on("reset", load);
  on("open", () => {
    ended = false;
    load();
  });
  on("lost", () => showProblem("server", { message: ended ? T.ended : T.unreachable, detail: T.unreachableDetail }));
  on("bye", () => {
    ended = true;
    showProblem("server", { message: T.ended, detail: T.unreachableDetail });
  });
  listen();
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
