// What the page shows: one state. What of it belongs in the address is in address.js.

/** Views: one picture, or several of them compared. */
export const MODES = ["single", "swipe", "split", "onion", "difference"];

/** The names of settings; there are two to four of them. */
export const LETTERS = ["a", "b", "c", "d"];

/** In place of a setting: the clip's own picture. */
export const SOURCE = "source";

/** What the page shows. Only `change` writes here. */
export const state = {
  frame: 0,
  // The loop; null is the first or the last frame of the clip.
  first: null,
  last: null,
  mode: "single",
  // What lies on the two sides of a comparison: a setting, or the source.
  left: SOURCE,
  right: "a",
  // What a split view shows; null is the two sides.
  tiles: null,
  // Where the divider is, in percent from the left.
  swipe: 50,
  // How much of the right picture an onion skin shows, in percent.
  opacity: 50,
  // Pixels of the screen for one of the picture; null fits it in. Then the point in the middle, in pixels of the picture.
  zoom: null,
  x: 0,
  y: 0,
  // The image of a pass that is shown in place of the result.
  pass: null,
  // What is open below the picture: "images", "plan", "clips" or null.
  drawer: "images",
  // The setting whose values are being edited.
  setting: "a",
  // Texts of the parameters that differ from where they began, by full name, for each setting that there is.
  values: { a: {}, b: {} },
  // What people call the settings.
  names: {},
  // Seconds and lines of clips.
  seconds: 4,
  lines: 720,

  // Not in the address:
  style: null,
  // What the parameters were set to when the session began.
  begun: {},
  moving: false,
  playing: false,
  flipped: false,
  // The part of the clip that is shown as clips that play, { start, duration } in seconds; null while frames are shown.
  watching: null,
  // The part that the list of clips is about; null before the first one was asked for.
  part: null,
  // A comparison without names, { left, right }; null where there is none.
  blind: null,
};

const listeners = new Set();
let changed = null;

/** Calls `listener` with the set of changed names, once for all changes of a moment. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Changes the state. */
export function change(patch) {
  for (const [name, value] of Object.entries(patch)) {
    if (Object.is(state[name], value)) continue;
    state[name] = value;
    if (changed === null) {
      changed = new Set();
      queueMicrotask(tell);
    }
    changed.add(name);
  }
}

function tell() {
  const names = changed;
  changed = null;
  for (const listener of [...listeners]) listener(names);
}

/** The number of frames of the clip, at least 1. */
export function frameCount() {
  return Math.max(1, state.style?.input.frames ?? 1);
}

/** The clip's frames per second. */
export function fps() {
  return state.style?.input.fps || 25;
}

/** The first and the last frame of the loop. */
export function loop() {
  const end = frameCount() - 1;
  const first = Math.min(state.first ?? 0, end);
  return [first, Math.max(first, Math.min(state.last ?? end, end))];
}

/** Goes to a frame, or to the nearest that there is. */
export function goTo(frame) {
  const within = Math.min(frameCount() - 1, Math.max(0, Math.round(frame)));
  if (within !== state.frame) change({ frame: within });
}

/** What a parameter was when the page began: set by the session, or its default. */
export function begunAt(param) {
  return state.begun[param.name] ?? defaultOf(param);
}

/** The default of a parameter as text. */
export function defaultOf(param) {
  return param.default === null || param.default === undefined ? "" : String(param.default);
}

/** The text of a parameter in a setting. */
export function valueOf(param, setting = state.setting) {
  return state.values[setting]?.[param.name] ?? begunAt(param);
}

/** Sets a parameter of the setting in use. */
export function setValue(param, text) {
  const values = { ...state.values[state.setting] };
  if (text === begunAt(param)) delete values[param.name];
  else values[param.name] = text;
  change({ values: { ...state.values, [state.setting]: values } });
}

/** The texts that a request carries: those that are not the defaults. */
export function requestValues(setting = state.setting) {
  const texts = {};
  for (const param of state.style?.params ?? []) {
    const text = valueOf(param, setting);
    if (text !== defaultOf(param) || param.name in state.begun) texts[param.name] = text;
  }
  return texts;
}
