// The state in the address, so that a reload keeps it. It is kept beside it, too: the address of a session alone leads back to
// what somebody did there.

import { sessionId } from "./api.js";
import { LETTERS, MODES, SOURCE, change, onChange, state } from "./state.js";

const SAVE_AFTER = 300;
const DRAWERS = ["images", "plan", "clips"];
/** Clips are at most so long: they are for comparing. */
export const MOST_SECONDS = 30;

/** Lists what the address holds, as text. */
function toHash() {
  const out = new URLSearchParams();
  const put = (name, value, usual) => {
    if (value !== usual && value !== null) out.set(name, String(value));
  };
  const short = (value) => Number(value.toFixed(3));
  put("frame", state.frame, 0);
  put("in", state.first, null);
  put("out", state.last, null);
  put("view", state.mode, "single");
  put("left", state.left, SOURCE);
  put("right", state.right, state.setting);
  if (state.tiles !== null) put("tiles", state.tiles.join(","), null);
  put("swipe", short(state.swipe), 50);
  put("opacity", short(state.opacity), 50);
  if (state.zoom !== null) {
    put("zoom", short(state.zoom), null);
    put("x", short(state.x), null);
    put("y", short(state.y), null);
  }
  put("pass", state.pass, null);
  put("below", state.drawer ?? "nothing", "images");
  put("setting", state.setting, "a");
  put("settings", Object.keys(state.values).sort().join(""), "ab");
  put("seconds", state.seconds, 4);
  put("lines", state.lines ?? "all", 720);
  for (const [setting, values] of Object.entries(state.values)) {
    if (state.names[setting]) out.set(`name.${setting}`, state.names[setting]);
    for (const [name, text] of Object.entries(values)) out.set(`${setting}.${name}`, text);
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
  const within = (name, least, most, usual) => Math.min(most, Math.max(least, number(name, usual)));
  const frameOf = (name, usual) => {
    const value = number(name, usual);
    return value === null ? null : Math.max(0, Math.round(value));
  };
  const one = (name, known, usual) => (known.includes(from.get(name)) ? from.get(name) : usual);
  const named = LETTERS.filter((letter) => (from.get("settings") ?? "ab").includes(letter));
  const values = Object.fromEntries((named.length < 2 ? ["a", "b"] : named).map((letter) => [letter, {}]));
  const names = {};
  for (const [name, text] of from) {
    const setting = /^([abcd])\.(.+)$/.exec(name);
    if (setting) (values[setting[1]] ??= {})[setting[2]] = text;
    const called = /^name\.([abcd])$/.exec(name);
    if (called) names[called[1]] = text.slice(0, 40);
  }
  const letters = LETTERS.filter((letter) => letter in values);
  const zoom = number("zoom", null);
  const below = one("below", [...DRAWERS, "nothing"], "images");
  const setting = one("setting", letters, letters[0]);
  const sides = [SOURCE, ...letters];
  const tiles = (from.get("tiles") ?? "").split(",").filter((id) => sides.includes(id));
  const lines = number("lines", 720);
  return {
    frame: frameOf("frame", 0),
    first: frameOf("in", null),
    last: frameOf("out", null),
    mode: one("view", MODES, "single"),
    left: one("left", sides, SOURCE),
    right: one("right", sides, setting),
    tiles: tiles.length >= 2 ? [...new Set(tiles)].slice(0, 4) : null,
    swipe: within("swipe", 0, 100, 50),
    opacity: within("opacity", 0, 100, 50),
    zoom: zoom !== null && zoom > 0 ? zoom : null,
    x: number("x", 0),
    y: number("y", 0),
    pass: from.get("pass"),
    drawer: below === "nothing" ? null : below,
    setting,
    values: Object.fromEntries(letters.map((letter) => [letter, values[letter]])),
    names,
    seconds: within("seconds", 0.5, MOST_SECONDS, 4),
    lines: from.get("lines") === "all" ? null : lines > 0 ? Math.round(lines) : 720,
  };
}

const place = () => `lab ${sessionId()}`;

// After the studio has ended, another session has the same name: what was kept is only of this style on this clip.
const aboutOf = ({ name, input }) => `${name} ${input.file ?? input.name}`;

function keep(hash) {
  if (state.style === null) return;
  try {
    localStorage.setItem(place(), JSON.stringify({ about: aboutOf(state.style), hash }));
  } catch {
    // A browser may forbid to keep things; then only the address does.
  }
}

/** What was kept of a session with this style; null where the address says something, or nothing was kept. */
export function kept(style) {
  if (location.hash !== "") return null;
  try {
    const { about, hash } = JSON.parse(localStorage.getItem(place()));
    return about === aboutOf(style) ? fromHash(hash) : null;
  } catch {
    return null;
  }
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
      keep(hash);
      if (hash === written) return;
      written = hash;
      history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
    }, SAVE_AFTER);
  });
  addEventListener("hashchange", () => {
    const hash = location.hash.replace(/^#/, "");
    if (hash === written) return;
    written = hash;
    change({ ...fromHash(hash), watching: null, blind: null });
  });
}
