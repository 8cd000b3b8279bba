// Tracks: values of a parameter over time, as one line of text (`ease,0:0,48f:1`).

export const INTERPOLATIONS = ["linear", "ease", "hold"];

/** Kinds of parameters that can change over time. */
export function canChange(param) {
  return param.type !== "path" && param.type !== "model";
}

/** Kinds of parameters that have nothing between two values. */
export function hasSteps(param) {
  return param.type === "flag" || param.type === "choice";
}

/** The time of a key in seconds; NaN where `text` is none. `fps` is the clip's rate. */
export function seconds(text, fps) {
  const frames = /^(\d+)f$/.exec(text);
  if (frames) return Number(frames[1]) / fps;
  const plain = /^(\d+\.?\d*|\.\d+)s?$/.exec(text);
  return plain ? Number(plain[1]) : Number.NaN;
}

/** The key of frame `frame`, as a time. */
export function timeOf(frame) {
  return frame === 0 ? "0" : `${frame}f`;
}

/** Reads a track; null where `text` is a single value. */
export function parse(text) {
  const parts = text.split(",").map((part) => part.trim());
  let interpolation = "linear";
  if (INTERPOLATIONS.includes(parts[0]) && parts.length > 1) interpolation = parts.shift();
  else if (!text.includes(":")) return null;
  const keys = [];
  for (const part of parts) {
    const at = part.indexOf(":");
    if (at < 0) return null;
    const time = part.slice(0, at).trim();
    if (Number.isNaN(seconds(time, 1))) return null;
    keys.push({ time, value: part.slice(at + 1).trim() });
  }
  return { interpolation, keys };
}

/** The track as one line. Keys are put in the order of their times. */
export function write(param, track, fps) {
  const keys = [...track.keys].sort((a, b) => seconds(a.time, fps) - seconds(b.time, fps));
  const word = hasSteps(param) || track.interpolation === "linear" ? "" : `${track.interpolation},`;
  return word + keys.map((key) => `${key.time}:${key.value}`).join(",");
}

function channels(color) {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function between(param, a, b, share) {
  const mix = (x, y) => x + (y - x) * share;
  if (param.type === "color") {
    const to = channels(b);
    const mixed = channels(a).map((x, index) => Math.round(mix(x, to[index])));
    return `#${mixed.map((x) => x.toString(16).padStart(2, "0")).join("")}`;
  }
  const value = mix(Number(a), Number(b));
  return String(param.type === "integer" ? Math.round(value) : Number(value.toPrecision(6)));
}

/** The value of the track at a time in seconds, as text. */
export function valueAt(param, track, time, fps) {
  const keys = [...track.keys].sort((a, b) => seconds(a.time, fps) - seconds(b.time, fps));
  let before = null;
  for (const key of keys) {
    const at = seconds(key.time, fps);
    if (at > time) {
      if (before === null) return key.value;
      if (hasSteps(param) || track.interpolation === "hold") return before.value;
      const from = seconds(before.time, fps);
      const u = (time - from) / (at - from);
      const share = track.interpolation === "ease" ? u * u * (3 - 2 * u) : u;
      return between(param, before.value, key.value, share);
    }
    before = key;
  }
  return before.value;
}

/** The index of the key that frame `frame` has, or -1. */
export function keyAt(track, frame, fps) {
  return track.keys.findIndex((key) => Math.round(seconds(key.time, fps) * fps) === frame);
}
