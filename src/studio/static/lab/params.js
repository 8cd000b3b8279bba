// Values of parameters as texts: what fits, and how far a slider goes at once.

import { canChange, hasSteps, parse, write } from "./track.js";

/** The step of a slider: at least a hundred in its range, and a number that people would write. */
export function step(param) {
  if (param.type === "integer") return 1;
  const span = param.max - param.min;
  return span > 0 ? 10 ** Math.floor(Math.log10(span / 100)) : 1;
}

function isNumber(text) {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

/** Whether `text` is a single value of the parameter. */
export function fits(param, text) {
  switch (param.type) {
    case "number":
      return isNumber(text) && Number(text) >= param.min && Number(text) <= param.max;
    case "integer":
      return isNumber(text) && Number.isInteger(Number(text)) && Number(text) >= param.min && Number(text) <= param.max;
    case "flag":
      return text === "true" || text === "false";
    case "color":
      return /^#[0-9a-f]{6}$/i.test(text);
    case "choice":
      return param.choices.includes(text);
    default:
      return true;
  }
}

/** The nearest single value that the parameter can have; null where none is near. */
function nearest(param, text) {
  if (fits(param, text)) return text;
  if (param.type === "choice") return param.choices.find((name) => name.toLowerCase() === text.toLowerCase()) ?? null;
  if (param.type === "flag") {
    if (["on", "yes", "1"].includes(text)) return "true";
    return ["off", "no", "0"].includes(text) ? "false" : null;
  }
  if (param.type !== "number" && param.type !== "integer") return null;
  if (!isNumber(text)) return null;
  const number = param.type === "integer" ? Math.round(Number(text)) : Number(text);
  return String(Math.min(param.max, Math.max(param.min, number)));
}

/**
 * A value or a track as near to `text` as the parameter allows; null where it can have nothing of it. A track in a file
 * (`@curve.json`) is the server's to read.
 */
export function fit(param, text, fps) {
  if (text.startsWith("@") && canChange(param)) return text;
  if (fits(param, text)) return text;
  const track = canChange(param) ? parse(text) : null;
  if (track === null) return nearest(param, text);
  const keys = track.keys.map((key) => ({ time: key.time, value: nearest(param, key.value) }));
  if (keys.some((key) => key.value === null)) return null;
  const same = keys.every((key, index) => key.value === track.keys[index].value);
  if (same && !(hasSteps(param) && track.interpolation === "ease")) return text;
  return write(param, { ...track, keys }, fps);
}
