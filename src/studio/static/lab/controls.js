// A control for every parameter.

import { byId, el, icon, iconButton } from "/dom.js";
import { exact as show } from "/format.js";
import { announce, say } from "/say.js";
import { T } from "./words.js";
import { begunAt, defaultOf, fps, onChange, setValue, state, valueOf, change } from "./state.js";
import { fit, fits, step } from "./params.js";
import { canChange, keyAt, parse, timeOf, valueAt, write } from "./track.js";
import { keysPanel } from "./keyframes.js";

const list = byId("params");

// The controls that are on the page, by name of their parameter.
let controls = new Map();

/** Writes to an element only what is new: a field that somebody types in keeps its text. */
function put(field, text) {
  if (document.activeElement === field && field.type !== "range" && Number(field.value) === Number(text)) return;
  if (field.value !== text) field.value = text;
  field.removeAttribute("aria-invalid");
}

/**
 * A field whose text is taken where it is a value; where it is none, `wrong` says what is allowed, and the field goes back
 * when it is left.
 */
function textField(param, properties, take, current, wrong) {
  const field = el("input", {
    ...properties,
    "aria-describedby": `${wrong.id} ${properties["aria-describedby"] ?? ""}`.trim(),
    oninput: () => {
      const good = fits(param, field.value);
      field.setAttribute("aria-invalid", String(!good));
      if (!good && wrong.textContent === "") announce(T.allowed(param));
      wrong.textContent = good ? "" : T.allowed(param);
      if (good) take(field.value);
    },
    onblur: () => {
      wrong.textContent = "";
      field.removeAttribute("aria-invalid");
      field.value = current();
    },
  });
  return field;
}

/** The elements that show and take a single value: `head` beside the name, `wide` below it. */
function widget(param, id, take, current, wrong) {
  const helpId = `${id}-help`;
  const described = { "aria-describedby": helpId };
  switch (param.type) {
    case "number":
    case "integer": {
      const range = { min: String(param.min), max: String(param.max), step: String(step(param)) };
      const slider = el("input", {
        type: "range",
        id,
        ...range,
        ...described,
        oninput: () => take(slider.value),
        ondblclick: () => take(defaultOf(param)),
      });
      const field = textField(param, { type: "number", ...range, ...described, class: "number", "aria-label": param.label }, take, current, wrong);
      const unit = param.unit ? el("span", { class: "unit" }, param.unit) : null;
      return { head: [field, unit], wide: slider, put: (text) => [slider, field].forEach((one) => put(one, text)) };
    }
    case "flag": {
      const box = el("input", {
        type: "checkbox",
        role: "switch",
        id,
        ...described,
        onchange: () => take(String(box.checked)),
      });
      return { head: [box], wide: null, put: (text) => (box.checked = text === "true") };
    }
    case "color": {
      const well = el("input", { type: "color", id, ...described, oninput: () => take(well.value) });
      const field = textField(
        param,
        { type: "text", class: "colour", maxLength: 7, spellcheck: false, "aria-label": param.label },
        (text) => take(text.toLowerCase()),
        current,
        wrong,
      );
      return { head: [field, well], wide: null, put: (text) => [well, field].forEach((one) => put(one, text)) };
    }
    case "model":
    case "choice":
    case "path":
      return chooser(param, id, described, take, current, wrong);
    default: {
      const field = textField(param, { type: "text", id, ...described }, take, current, wrong);
      return { head: [], wide: field, put: (text) => put(field, text) };
    }
  }
}

function chooser(param, id, described, take, current, wrong) {
  const known = param.type === "path" ? (param.files ?? []) : (param.choices ?? []);
  if (param.type === "model" && known.length === 0) {
    const field = textField(param, { type: "text", id, spellcheck: false, ...described }, take, current, wrong);
    return { head: [], wide: field, put: (text) => put(field, text) };
  }
  const select = el("select", { id, ...described, onchange: () => take(select.value) });
  const option = (text) => el("option", { value: text }, text === "" ? T.noFile : text);
  const names = param.type === "choice" ? known : ["", ...known.filter((name) => name !== "")];
  select.append(...names.map(option));
  const put = (text) => {
    // A file that was named on the command line need not be in the list.
    if (![...select.options].some((one) => one.value === text)) select.append(option(text));
    select.value = text;
  };
  return { head: [], wide: select, put };
}

function control(param) {
  const id = `param-${param.name}`;
  const time = () => state.frame / fps();
  const trackNow = () => parseTrack(param, valueOf(param));
  const current = () => {
    const track = trackNow();
    return track === null ? valueOf(param) : valueAt(param, track, time(), fps());
  };
  // Where there is a track, a new value is a key at this frame.
  const take = (text) => {
    const track = trackNow();
    if (track === null) {
      setValue(param, text);
      return;
    }
    const at = keyAt(track, state.frame, fps());
    const keys = track.keys.map((key, index) => (index === at ? { ...key, value: text } : key));
    if (at < 0) keys.push({ time: timeOf(state.frame), value: text });
    setValue(param, write(param, { ...track, keys }, fps()));
  };
  const wrong = el("p", { class: "wrong param-wrong", id: `${id}-wrong` });
  const { head, wide, put } = widget(param, id, take, current, wrong);
  const reset = iconButton("reset", T.reset(param.label), () => setValue(param, defaultOf(param)));
  const keyed = canChange(param)
    ? iconButton("key", "", () => {
        const track = trackNow();
        setValue(param, track === null ? write(param, { interpolation: "linear", keys: [{ time: timeOf(state.frame), value: current() }] }, fps()) : current());
      })
    : null;
  const keys = el("div", { class: "keys", hidden: true });
  const help = [param.help, isRange(param) ? T.range(param) : null];
  const element = el(
    "li",
    { class: "param" },
    el(
      "div",
      { class: "param-head" },
      el("label", { htmlFor: id, title: param.name }, param.label),
      el("span", { class: "param-entry" }, head, keyed, reset),
    ),
    wrong,
    wide === null ? null : el("div", { class: "param-wide" }, wide),
    keys,
    el("p", { class: "param-help", id: `${id}-help` }, help.filter(Boolean).join(" · ")),
  );
  const panel = keysPanel(param, (track) => setValue(param, write(param, track, fps())));
  keys.append(panel.element);
  const refresh = () => {
    const track = trackNow();
    put(current());
    reset.disabled = valueOf(param) === defaultOf(param);
    keys.hidden = track === null;
    if (track !== null) panel.refresh(track, current());
    if (keyed !== null) {
      const label = track === null ? T.keyframe(param.label) : T.unkeyframe(param.label);
      const name = track === null ? "key" : "keyed";
      if (keyed.dataset.icon !== name) keyed.replaceChildren(icon(name));
      keyed.dataset.icon = name;
      keyed.setAttribute("aria-label", label);
      keyed.title = label;
    }
    element.classList.toggle("changed", valueOf(param) !== defaultOf(param));
  };
  return { element, refresh, about: JSON.stringify(param) };
}

function isRange(param) {
  return param.type === "number" || param.type === "integer";
}

/** The track that a text is for this parameter: names of choices and of files may look like one. */
function parseTrack(param, text) {
  if (!canChange(param) || fits(param, text)) return null;
  return parse(text);
}

function build(params) {
  const next = new Map();
  for (const param of params) {
    const old = controls.get(param.name);
    next.set(param.name, old?.about === JSON.stringify(param) ? old : control(param));
  }
  const wanted = [...next.values()].map(({ element }) => element);
  // Those that stay are not touched, so that the focus stays, too.
  for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  controls = next;
  byId("no-params").hidden = params.length > 0;
}

function refresh() {
  for (const { refresh } of controls.values()) refresh();
  const params = state.style?.params ?? [];
  byId("reset-all").disabled = params.every((param) => valueOf(param) === defaultOf(param));
}

/** Brings all settings in line with the parameters of a new version, and says which values were changed for it. */
export function fitValues(style) {
  const values = structuredClone(state.values);
  const labels = new Set();
  for (const setting of Object.keys(values)) {
    for (const param of style.params) {
      const text = values[setting][param.name];
      if (text === undefined) continue;
      const near = fit(param, text, style.input.fps || 25);
      if (near === text) continue;
      labels.add(`${param.label} ${near === null ? defaultOf(param) : isRange(param) && fits(param, near) ? show(Number(near)) : near}`);
      if (near === null || near === begunAt(param)) delete values[setting][param.name];
      else values[setting][param.name] = near;
    }
  }
  if (labels.size === 0) return;
  change({ values });
  say(T.clamped([...labels].join(", ")));
}

/** Sets all parameters of the setting in use to their defaults. */
function resetAll() {
  const values = {};
  for (const param of state.style?.params ?? []) {
    if (begunAt(param) !== defaultOf(param)) values[param.name] = defaultOf(param);
  }
  change({ values: { ...state.values, [state.setting]: values } });
}

/** Shows the controls from now on. */
export function followParameters() {
  byId("reset-all").addEventListener("click", resetAll);
  onChange((names) => {
    if (names.has("style") && state.style !== null) build(state.style.params);
    if (["style", "values", "setting", "frame"].some((name) => names.has(name))) refresh();
  });
}
