// Pictures by the graphics card of this browser: while a value is being changed, a frame need not go through the server. At
// rest the server's own picture follows.

import { byId } from "/dom.js";
import { Problem } from "/request.js";
import { announce } from "/say.js";
import { getBrowserStyle, getFrame } from "./api.js";
import { T } from "./words.js";

// Frames before the one that is shown, where it depends on those before it.
const BEFORE = 3;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** What is known of the card: `name` is null where there is none; `why` says why it is not used. */
const card = { name: null, software: false, on: false, why: null };

let script = null;
let device = null;
let prepared = null;
let sources = new Map();

/** Looks for a card. One whose work the processor does is left alone, until somebody switches it on. */
async function findCard() {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return card;
  const { vendor = "", architecture = "", description = "", device: model = "" } = adapter.info ?? {};
  card.name = description || [vendor, model || architecture].filter((word) => word !== "").join(" ") || T.someCard;
  card.software = (adapter.info?.isFallbackAdapter ?? false) || SOFTWARE.test(card.name + architecture);
  card.on = !card.software;
  return card;
}

/** Shows the switch of the card, where there is one. */
export async function followCard() {
  await findCard();
  if (card.name === null) return;
  const button = byId("card");
  button.hidden = false;
  button.addEventListener("click", () => {
    card.on = !(card.on && card.why === null);
    card.why = null;
    forget();
    tell();
  });
  tell();
}

function tell() {
  const button = byId("card");
  const used = card.on && card.why === null;
  button.setAttribute("aria-pressed", String(used));
  if (card.why !== null) button.title = T.cardFailed(card.name, card.why);
  else button.title = used ? T.cardOn(card.name) : T.cardOff(card.name);
}

/** Forgets what was compiled, when the style was loaded again. */
export function forget() {
  prepared = null;
  sources = new Map();
}

/** Whether a picture can be made by the card. */
export function canDraw({ draft, side, pass }) {
  return card.on && card.why === null && draft && side === "result" && pass === null;
}

/**
 * A frame by the card, at full size: as `getFrame` gives it, with a bitmap in place of the bytes. Null where the card cannot;
 * `card.why` then says why.
 */
export async function draw(asked, fps, signal) {
  try {
    return await drawn(asked, fps, signal);
  } catch (error) {
    if (error.name === "AbortError" || error instanceof Problem && error.status === 422) throw error;
    card.why = error.advice ? `${error.message} ${error.advice}` : error.message;
    prepared = null;
    tell();
    announce(byId("card").title);
    return null;
  }
}

async function drawn(asked, fps, signal) {
  const begun = performance.now();
  const style = await styleFor(asked.values, fps, signal);
  const first = style.carries ? Math.max(0, asked.frame - BEFORE) : asked.frame;
  style.run.reset();
  for (let frame = first; frame <= asked.frame; frame += 1) {
    const source = await sourceOf(frame, signal);
    await style.run.frame(source, { seconds: frame / fps });
  }
  await style.run.finish();
  const { width, height, rgba } = await style.run.read();
  const bitmap = await createImageBitmap(new ImageData(rgba, width, height), { premultiplyAlpha: "none" });
  const about = { lines: height, milliseconds: performance.now() - begun, version: null, black: null, white: null };
  return { ...about, bitmap, framesBefore: style.carries ? asked.frame - first : null, byBrowser: true };
}

/** The clip's own frame. */
async function sourceOf(frame, signal) {
  const known = sources.get(frame);
  if (known) return known;
  const asked = { frame, lines: null, values: {}, pass: null, side: "source", draft: false, format: "png" };
  const { blob } = await getFrame(asked, signal);
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  if (sources.size > 2 * BEFORE + 2) sources.delete(sources.keys().next().value);
  sources.set(frame, bitmap);
  return bitmap;
}

/** The style on the card, at these values: the one that is there where they can be set, else the server plans again. */
async function styleFor(values, fps, signal) {
  if (prepared !== null) {
    try {
      prepared.run.setParams(parsed(prepared.description, values));
      return prepared;
    } catch {
      // A value that leads to other passes, or follows keys.
      prepared = null;
    }
  }
  await loaded();
  const description = await getBrowserStyle({ values }, signal);
  device ??= await AquatintRuntime.openDevice(description);
  device.lost.then(() => { device = null; prepared = null; });
  const run = await AquatintRuntime.create(device, description, { rate: [Math.round(1000 * fps), 1000] });
  const [plan] = description.plans;
  prepared = { run, description, carries: carries(plan) };
  return prepared;
}

/** Whether a frame depends on those before it. */
function carries({ histories, behind, observed }) {
  return histories.length > 0 || behind > 0 || observed.cuts || observed.noise || observed.scene === true;
}

/** The texts of values as the runtime takes them; those that are not given are the defaults. */
function parsed(description, values) {
  const out = {};
  for (const { id, type, default: usual } of description.params) {
    const text = values[id];
    if (text === undefined) {
      out[id] = usual;
    } else if (type === "number" || type === "integer") {
      if (Number.isNaN(Number(text))) throw new Error(id);
      out[id] = Number(text);
    } else if (type === "flag") {
      out[id] = text === "true";
    } else {
      out[id] = text;
    }
  }
  return out;
}

/** The runtime, which is a plain script. */
function loaded() {
  script ??= new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = "/runtime.js";
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error(T.noRuntime)));
    document.head.append(element);
  });
  return script;
}
