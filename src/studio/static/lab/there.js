// Which passes there are with the values of now. Values may take some away, and so may a small picture: asking for the image of
// such a pass would be an error.

import { isAbort } from "/request.js";
import { getPlan } from "./api.js";
import { requestValues, state } from "./state.js";

const KEPT = 20;
const known = new Map();
let asking = null;

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * The names of the passes at so many lines, null for full size; null while they are not known. `told` is called when they
 * are: then they are no longer asked for.
 */
export function passesAt(lines, told) {
  const values = requestValues();
  // The style's own list is of the values that the session began with.
  if (lines === null && isSame(values, state.begun)) return new Set(state.style.passes.map(({ name }) => name));
  const key = JSON.stringify([state.style.version, lines, values]);
  if (known.has(key)) return known.get(key);
  if (asking?.key !== key) ask(key, { frame: state.frame, values, lines }, told);
  return null;
}

async function ask(key, body, told) {
  asking?.controller.abort();
  const mine = { key, controller: new AbortController() };
  asking = mine;
  let names = new Set();
  try {
    const { steps } = await getPlan(body, mine.controller.signal);
    names = new Set(steps.flatMap(({ pass, fused }) => [pass, ...fused]).filter((name) => name !== null));
  } catch (error) {
    if (isAbort(error)) return;
    // What the values cannot be, the picture itself says. A server that is not there may come back.
    if (error.status !== 422) {
      asking = null;
      return;
    }
  }
  if (asking === mine) asking = null;
  known.set(key, names);
  if (known.size > KEPT) known.delete(known.keys().next().value);
  told();
}
