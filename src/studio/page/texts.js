// All texts of the page.

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A number of bytes, as people read it. */
export function bytes(count) {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  let size = count;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(size) : number.format(size)} ${units[unit]}`;
}

/** A time in milliseconds, as people read it. */
export function milliseconds(time) {
  if (time >= 1000) return `${number.format(time / 1000)} s`;
  if (time >= 100) return `${whole.format(time)} ms`;
  return `${number.format(time)} ms`;
}

/** A value of an image: short, and exact enough to tell two apart. */
export function value(of) {
  if (Number.isInteger(of) && Math.abs(of) < 1e6) return String(of);
  return String(Number(of.toPrecision(4)));
}

/** `1:02.48`: minutes, seconds and hundredths of a second. */
export function clock(seconds) {
  const all = Math.max(0, Math.round(seconds * 100));
  const pad = (part) => String(part).padStart(2, "0");
  return `${Math.floor(all / 6000)}:${pad(Math.floor(all / 100) % 60)}.${pad(all % 100)}`;
}

/** The texts, by where they are used. */
export const T = {
  title: (style, clip) => `${style}, ${clip} · aquatint studio`,
  loading: "Loading the style…",
  version: (number) => `version ${number}`,
  clip: (input) => {
    const rate = input.fps ? `, ${number.format(input.fps)} fps` : "";
    const frames = input.frames ? `, ${input.frames} frames` : "";
    return `${input.name} · ${input.width}×${input.height}${frames}${rate}`;
  },
  device: (device, software) => {
    const kind = device.executor === "cpu" ? "processor" : software ? "software" : "GPU";
    return `${device.name} · ${kind}`;
  },
  deviceShort: (device) => device.name.replace(/\s*\(.*$/, ""),

  // Regions.
  picture: "Picture",
  pictureHelp: "Arrow keys with Shift move the picture, + and − zoom",
  parameters: "Parameters",
  noParameters: "This style has no parameters.",
  views: "View",
  settings: "Settings",
  time: "Time",
  below: "Images and plan",
  images: "Images",
  plan: "Plan",
  export: "Take along",
  skip: "Go to the parameters",

  // Views.
  view: {
    single: "Result",
    swipe: "Swipe",
    side: "Side by side",
    difference: "Difference",
  },
  differenceNote: "difference × 8",
  against: "Compare",
  againstSource: "With source",
  againstSettings: "A with B",
  source: "Source",
  result: "Result",
  setting: (name) => `Setting ${name.toUpperCase()}`,
  flip: "Flip",
  flipHelp: "Show the other picture while this is held (F)",
  divider: "Divider between the pictures",
  dividerAt: (percent, left, right) => `${whole.format(percent)} % ${left}, the rest ${right}`,
  zoom: "Zoom",
  zoomIn: "Zoom in (+)",
  zoomOut: "Zoom out (−)",
  zoomFit: "Fit",
  zoomFitHelp: "Fit the picture into the window (0)",
  zoomOne: "1:1",
  zoomOneHelp: "One pixel of the picture is one pixel of the screen (Z)",
  zoomAt: (scale) => `${scale >= 10 ? whole.format(scale * 100) : number.format(scale * 100)} %`,
  card: "Browser's card",
  cardOn: (name) => `While you edit and while it plays, ${name} in this browser renders. At rest, the server's own picture follows.`,
  cardOff: (name) => `Let ${name} in this browser render while you edit and while it plays`,
  cardFailed: (name, why) => `${name} in this browser does not render: ${why}`,
  someCard: "the graphics card",
  noRuntime: "the script that runs styles did not load",
  notes: "What is to be known",
  help: "Keys",
  canvas: (what, frame) => `${what}, frame ${frame}`,

  // What the picture is.
  badge: {
    waiting: "rendering…",
    waitingFull: "rendering full size…",
    small: (lines) => `${lines} lines`,
    draft: (lines) => `${lines} lines while you edit`,
    playing: (lines) => `${lines} lines while it plays`,
    full: (size, time, device) => `full size ${size}, ${milliseconds(time)}${device === null ? "" : `, ${T.deviceShort(device)}`}`,
    framesBefore: (count) => `depends on all frames before; ${count} were rendered`,
    byBrowser: (size, time) => `${size}, ${milliseconds(time)}, by this browser's card, not averaged over time`,
    stale: "picture before",
    levels: (black, white) => `black is ${value(black)}, white is ${value(white)}`,
  },
  rendered: (frame) => `Frame ${frame} rendered`,

  // The values under the pointer.
  pointerIdle: "Point at the picture to read its values",
  position: (x, y) => `x ${x}  y ${y}`,
  exact: "exact",

  // Time.
  play: "Play (Space)",
  pause: "Pause (Space)",
  previous: "Frame before (,)",
  next: "Next frame (.)",
  frame: "Frame",
  frameOf: (count) => `of ${count}`,
  scrub: "Frame",
  markIn: "In",
  markOut: "Out",
  markInHelp: "Loop from this frame (I)",
  markOutHelp: "Loop up to this frame (O)",
  markClear: "Whole clip",
  markClearHelp: "Loop over the whole clip",
  loop: (first, last) => `loop ${first} to ${last}`,
  rate: (real, wanted) => `${number.format(real)} of ${number.format(wanted)} fps`,
  rateWaiting: "buffering…",

  // Parameters.
  reset: (label) => `Set ${label} back to its default`,
  resetAll: "All to defaults",
  keyframe: (label) => `Change ${label} over time`,
  unkeyframe: (label) => `Keep ${label} the same over time`,
  keysOf: (label) => `Keys of ${label}`,
  addKey: (frame) => `Key at frame ${frame}`,
  removeKey: (time) => `Remove the key at ${time}`,
  keyTime: "Time: seconds (2.5s) or frames (48f)",
  keyValue: "Value",
  goToKey: (time) => `Go to the key at ${time}`,
  interpolation: "Between keys",
  interpolations: { linear: "linear", ease: "ease", hold: "hold" },
  noFile: "none",
  range: (least, most, unit) => `${value(least)} to ${value(most)}${unit ? ` ${unit}` : ""}`,
  invalid: "This is no value of the parameter",
  clamped: (labels) => `Changed to fit the new version: ${labels}`,

  // Settings A and B.
  useSetting: (name) => `Setting ${name.toUpperCase()} (${name === "a" ? 1 : 2})`,
  copySetting: (from, to) => `Copy ${from.toUpperCase()} to ${to.toUpperCase()}`,
  swapSettings: "Swap A and B",
  swapHelp: "Swap the two settings (X)",

  // Images of passes.
  resultImage: "result",
  noImages: "This style has no images in between.",
  pass: (pass) => pass.words ? `${pass.width} words` : `${pass.width}×${pass.height} ${pass.storage}`,
  showPass: (name) => `Show the image ${name}`,
  backToResult: "Back to the result",

  // The plan.
  planWaiting: "Reading the plan…",
  planSource: "source",
  planOutput: "output",
  planLatency: (frames) => (frames === 1 ? "1 frame behind" : `${frames} frames behind`),
  planSummary: (steps, moved, time) =>
    `${steps} ${steps === 1 ? "step" : "steps"}, ${bytes(moved)} read and written for a frame` +
    (time === null ? "" : `, ${milliseconds(time)}`),
  planTraffic: (read, written) => `${bytes(read)} in, ${bytes(written)} out`,
  planExtent: (extent, dispatches) =>
    `${extent[0]}×${extent[1]}${dispatches > 1 ? `, ${dispatches} dispatches` : ""}`,
  planFused: (names) => `with ${names.join(", ")}`,
  planStored: (why) => `stored: ${why}`,
  words: "a buffer of words",
  planUnmeasured: "no time",
  planGraph: "Steps of the plan, from the source to the output",

  // Export.
  copyCommand: "Copy command",
  copyCommandHelp: "Copy this setting as a command line",
  copyPreset: "Copy preset",
  copyPresetHelp: "Copy this setting as the text of a preset",
  savePreset: "Save preset…",
  saveFrame: "Save frame",
  saveFrameHelp: "Save this frame as PNG, full size (S; Shift+S: the picture it is compared with)",
  copied: (text) => `Copied: ${text}`,
  copyByHand: "The browser did not allow copying. Copy the text here:",
  presetName: "Name of the preset",
  presetSaved: (file) => `Saved ${file}`,
  save: "Save",
  cancel: "Cancel",
  close: "Close",
  frameSaved: (name) => `Saved ${name}`,

  // What went wrong.
  errorText: "Text of the error",
  styleNeverLoaded: "The style could not be loaded. It is loaded again whenever a file of it is saved.",
  styleBroken: "The style could not be loaded. The picture is of the last version that could.",
  requestFailed: (status) => `The server answered ${status}`,
  unreachable: "The studio does not answer",
  unreachableDetail: "Start aquatint studio again. The page goes on by itself when it is back.",
  ended: "The studio has ended",
  badPicture: "The picture could not be read",
  badPictureDetail: "Reload the page. If it stays so, look at the messages of aquatint studio.",

  // Keys: what they do, as the help shows it.
  keys: [
    ["Space", "play or pause"],
    [", .", "frame before, next frame"],
    ["← →", "the divider when it has the focus, else a frame; with Shift, 10 frames"],
    ["I O", "loop from here, loop up to here"],
    ["F", "flip to the other picture while it is held"],
    ["V", "next view: result, swipe, side by side, difference"],
    ["C", "compare with the source, or A with B"],
    ["1 2", "setting A, setting B"],
    ["X", "swap the settings"],
    ["+ − 0", "zoom in, out, fit"],
    ["Z", "one pixel of the picture is one of the screen"],
    ["Shift + ← → ↑ ↓", "move the picture when it has the focus"],
    ["R", "back from an image of a pass to the result"],
    ["S", "save the frame as PNG; with Shift, the picture it is compared with"],
    ["?", "this help"],
  ],
};
