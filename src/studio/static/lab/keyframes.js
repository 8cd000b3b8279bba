// The keys of a parameter that changes over time: a list, and a small picture of the curve.

import { el, iconButton, svg } from "/dom.js";
import { announce } from "/say.js";
import { T } from "./words.js";
import { fps, frameCount, goTo, state } from "./state.js";
import { fits } from "./params.js";
import { hasSteps, INTERPOLATIONS, keyAt, seconds, timeOf, valueAt } from "./track.js";

const WIDTH = 240;
const HEIGHT = 40;
const SAMPLES = 96;

function drawCurve(param, track) {
  const end = Math.max(1, frameCount() - 1) / fps();
  const x = (time) => (WIDTH * Math.min(1, time / end)).toFixed(1);
  const y = (text) => (HEIGHT - 4 - ((HEIGHT - 8) * (Number(text) - param.min)) / (param.max - param.min || 1)).toFixed(1);
  const points = [];
  for (let sample = 0; sample <= SAMPLES; sample += 1) {
    const time = (end * sample) / SAMPLES;
    points.push(`${x(time)},${y(valueAt(param, track, time, fps()))}`);
  }
  const now = x(state.frame / fps());
  return [
    svg("line", { x1: now, x2: now, y1: 0, y2: HEIGHT, class: "now" }),
    svg("polyline", { points: points.join(" ") }),
    ...track.keys.map((key) => svg("path", { d: `M${x(seconds(key.time, fps()))} ${y(key.value)}h0` })),
  ];
}

/**
 * The panel of a parameter's keys. `set` is given the track that somebody made; `refresh` shows a track, and the value of
 * the frame that is shown.
 */
export function keysPanel(param, set) {
  let track = null;
  let value = "";
  let written = "";
  const hasCurve = param.type === "number" || param.type === "integer";
  const curve = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", preserveAspectRatio: "none", "aria-hidden": "true" });
  const between = el("select", {
    "aria-label": `${T.interpolation}, ${param.label}`,
    onchange: () => set({ ...track, interpolation: between.value }),
  });
  between.append(...INTERPOLATIONS.map((name) => el("option", { value: name }, T.interpolations[name])));
  const add = el("button", {
    type: "button",
    onclick: () => set({ ...track, keys: [...track.keys, { time: timeOf(state.frame), value }] }),
  });
  const wrong = el("p", { class: "wrong param-wrong", id: `keys-${param.name}-wrong` });
  const rows = el("ol", { class: "key-list", "aria-label": T.keysOf(param.label) });
  const element = el(
    "div",
    {},
    hasCurve ? curve : null,
    rows,
    wrong,
    el("div", { class: "key-tools" }, hasSteps(param) ? null : between, add),
  );

  const replace = (index, key) => set({ ...track, keys: track.keys.map((old, at) => (at === index ? key : old)) });

  // A key is taken when its field is left, so that it does not move in the list while somebody types.
  const field = (properties, good, allowed, take) => {
    const input = el("input", {
      type: "text",
      spellcheck: false,
      "aria-describedby": wrong.id,
      ...properties,
      oninput: () => {
        const words = good(input.value) ? "" : allowed;
        input.setAttribute("aria-invalid", String(words !== ""));
        if (words !== "" && wrong.textContent === "") announce(words);
        wrong.textContent = words;
      },
      onblur: () => (wrong.textContent = ""),
      onchange: () => {
        if (good(input.value)) take(input.value);
        else refreshRows();
      },
    });
    return input;
  };

  function row(key, index) {
    const at = Math.round(seconds(key.time, fps()) * fps());
    const isTime = (text) => !Number.isNaN(seconds(text, fps()));
    const name = `${param.label}, ${key.time}`;
    return el(
      "li",
      {},
      iconButton("keyed", T.goToKey(key.time), () => goTo(at), { class: `icon-button${at === state.frame ? " here" : ""}` }),
      field({ value: key.time, class: "key-time", title: T.keyTime, "aria-label": `${T.keyTime}, ${name}` }, isTime, T.keyTime, (time) =>
        replace(index, { ...key, time }),
      ),
      field({ value: key.value, class: "key-value", "aria-label": `${T.keyValue}, ${name}` }, (text) => fits(param, text), T.allowed(param), (text) =>
        replace(index, { ...key, value: text }),
      ),
      iconButton("remove", T.removeKey(key.time), () => set({ ...track, keys: track.keys.filter((_, other) => other !== index) }), {
        disabled: track.keys.length < 2,
      }),
    );
  }

  function refreshRows() {
    rows.replaceChildren(...track.keys.map(row));
  }

  function refresh(newTrack, newValue) {
    track = newTrack;
    value = newValue;
    if (hasCurve) curve.replaceChildren(...drawCurve(param, track));
    between.value = track.interpolation;
    add.textContent = T.addKey(state.frame);
    add.disabled = keyAt(track, state.frame, fps()) >= 0;
    const text = JSON.stringify([track.keys, keyAt(track, state.frame, fps())]);
    if (text !== written && !(rows.contains(document.activeElement) && document.activeElement.matches("input"))) {
      written = text;
      refreshRows();
    } else if (text !== written) {
      // Somebody has just left a field by Tab or Return: the list is in order again when the focus has moved on.
      written = "";
      rows.addEventListener("focusout", () => queueMicrotask(() => refresh(track, value)), { once: true });
    }
  }

  return { element, refresh };
}
