// What the page shows: one state, which is also in the address, so that a reload keeps it.

const SAVE_AFTER = 300;

/** Views of a picture and the one it is compared with. */
export const MODES = ["single", "swipe", "side", "difference"];

/** What the page shows. Only `change` writes here. */
export const state = {
  frame: 0,
  // The loop; null is the first or the last frame of the clip.
  first: null,
  last: null,
  mode: "single",
  // What the result is compared with: "source", or "settings" (A with B).
  against: "source",
  // Where the divider is, in percent from the left.
  swipe: 50,
  // Pixels of the screen for one of the picture; null fits it in. Then the point in the middle, in pixels of the picture.
  zoom: null,
  x: 0,
  y: 0,
  // The image of a pass that is shown in place of the result.
  pass: null,
  // What is open below the picture: "images", "plan" or null.
  drawer: "images",
  setting: "a",
  // Texts of the parameters that differ from where they began, by full name.
  values: { a: {}, b: {} },

  // Not in the address:
  style: null,
  // What the parameters were set to on the command line.
  begun: {},
  moving: false,
  playing: false,
  flipped: false,
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

/** What a parameter was when the page began: set on the command line, or its default. */
export function begunAt(param) {
  return state.begun[param.name] ?? defaultOf(param);
}

/** The default of a parameter as text. */
export function defaultOf(param) {
  return param.default === null || param.default === undefined ? "" : String(param.default);
}

/** The text of a parameter in a setting. */
export function valueOf(param, setting = state.setting) {
  return state.values[setting][param.name] ?? begunAt(param);
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

/** Lists the keys of the state that the address holds, as text. */
export function toHash() {
  const out = new URLSearchParams();
  const put = (name, value, usual) => {
    if (value !== usual && value !== null) out.set(name, String(value));
  };
  const short = (value) => Number(value.toFixed(3));
  put("frame", state.frame, 0);
  put("in", state.first, null);
  put("out", state.last, null);
  put("view", state.mode, "single");
  put("against", state.against, "source");
  put("swipe", short(state.swipe), 50);
  if (state.zoom !== null) {
    put("zoom", short(state.zoom), null);
    put("x", short(state.x), null);
    put("y", short(state.y), null);
  }
  put("pass", state.pass, null);
  put("below", state.drawer ?? "nothing", "images");
  put("setting", state.setting, "a");
  for (const setting of ["a", "b"]) {
    for (const [name, text] of Object.entries(state.values[setting])) out.set(`${setting}.${name}`, text);
  }
  return out.toString();
}

/** Reads the state from the address. What it does not hold is as usual. */
export function fromHash(hash) {
  const from = new URLSearchParams(hash.replace(/^#/, ""));
  const number = (name, usual) => {
    const value = from.has(name) ? Number(from.get(name)) : Number.NaN;
    return Number.isFinite(value) ? value : usual;
  };
  const frameOf = (name, usual) => {
    const value = number(name, usual);
    return value === null ? null : Math.max(0, Math.round(value));
  };
  const one = (name, known, usual) => (known.includes(from.get(name)) ? from.get(name) : usual);
  const values = { a: {}, b: {} };
  for (const [name, text] of from) {
    const setting = /^([ab])\.(.+)$/.exec(name);
    if (setting) values[setting[1]][setting[2]] = text;
  }
  const zoom = number("zoom", null);
  const below = one("below", ["images", "plan", "nothing"], "images");
  return {
    frame: frameOf("frame", 0),
    first: frameOf("in", null),
    last: frameOf("out", null),
    mode: one("view", MODES, "single"),
    against: one("against", ["source", "settings"], "source"),
    swipe: Math.min(100, Math.max(0, number("swipe", 50))),
    zoom: zoom !== null && zoom > 0 ? zoom : null,
    x: number("x", 0),
    y: number("y", 0),
    pass: from.get("pass"),
    drawer: below === "nothing" ? null : below,
    setting: one("setting", ["a", "b"], "a"),
    values,
  };
}

/** Keeps the address up to date, and follows it when somebody writes another one. */
export function followAddress() {
  let written = location.hash.replace(/^#/, "");
  let timer = 0;
  onChange(() => {
    // A browser refuses addresses that change all the time.
    if (timer !== 0 || state.playing) return;
    timer = setTimeout(() => {
      timer = 0;
      const hash = toHash();
      if (hash === written) return;
      written = hash;
      history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
    }, SAVE_AFTER);
  });
  addEventListener("hashchange", () => {
    const hash = location.hash.replace(/^#/, "");
    if (hash === written) return;
    written = hash;
    change(fromHash(hash));
  });
}
