// The settings A to D: which there are, what they are called, which one is edited.

import { byId, el } from "/dom.js";
import { announce, say } from "/say.js";
import { T } from "./words.js";
import { LETTERS, SOURCE, change, onChange, state } from "./state.js";
import { plainName, settingIds, use } from "./sides.js";

const LEAST = 2;

const list = byId("setting-list");
const name = byId("setting-name");
const copies = byId("copy-from");
let written = "";

function add() {
  const free = LETTERS.find((letter) => !(letter in state.values));
  if (free === undefined) return;
  // It begins where people are: most new settings are small changes of one.
  const values = { ...state.values, [free]: { ...state.values[state.setting] } };
  change({ values });
  use(free);
  announce(T.settingAdded(plainName(free)));
}

function remove() {
  const gone = state.setting;
  const rest = settingIds().filter((id) => id !== gone);
  if (rest.length < LEAST) return;
  const called = plainName(gone);
  const { [gone]: values, ...others } = state.values;
  const { [gone]: named, ...names } = state.names;
  const [next] = rest;
  const tiles = state.tiles?.filter((id) => id !== gone) ?? null;
  const right = state.right === gone ? next : state.right;
  change({
    values: others,
    names,
    setting: next,
    right,
    left: state.left === gone || state.left === right ? SOURCE : state.left,
    tiles: tiles !== null && tiles.length < 2 ? null : tiles,
  });
  use(next);
  announce(T.settingRemoved(called));
  // The button may be off now.
  list.querySelector(`[data-setting="${next}"]`)?.focus();
}

function copyFrom(id) {
  change({ values: { ...state.values, [state.setting]: { ...state.values[id] } } });
  say(T.copiedFrom(plainName(id), plainName(state.setting)));
}

function build() {
  const focused = document.activeElement?.closest?.("[data-setting]")?.dataset.setting;
  list.replaceChildren(
    ...settingIds().map((id) => {
      const label = T.useSetting(plainName(id), LETTERS.indexOf(id) + 1);
      const properties = { type: "button", "data-setting": id, title: label, "aria-label": label, onclick: () => use(id) };
      return el("button", properties, id.toUpperCase());
    }),
  );
  list.querySelector(`[data-setting="${focused}"]`)?.focus();
}

function refresh() {
  const ids = settingIds();
  const text = JSON.stringify([ids, state.names]);
  if (text !== written) {
    written = text;
    build();
  }
  for (const button of list.children) button.setAttribute("aria-pressed", String(button.dataset.setting === state.setting));
  byId("add-setting").disabled = ids.length === LETTERS.length;
  byId("remove-setting").disabled = ids.length <= LEAST;
  byId("remove-setting").title = T.removeSettingHelp(plainName(state.setting));
  if (document.activeElement !== name || name.dataset.of !== state.setting) name.value = state.names[state.setting] ?? "";
  name.dataset.of = state.setting;
  name.placeholder = T.setting(state.setting);
  copies.replaceChildren(
    ...ids
      .filter((id) => id !== state.setting)
      .map((id) => {
        const label = T.copyFromHelp(plainName(id), plainName(state.setting));
        return el("button", { type: "button", title: label, "aria-label": label, onclick: () => copyFrom(id) }, id.toUpperCase());
      }),
  );
}

/** Shows the settings from now on. */
export function followSettings() {
  byId("add-setting").addEventListener("click", add);
  byId("remove-setting").addEventListener("click", remove);
  name.addEventListener("input", () => {
    const { [state.setting]: before, ...names } = state.names;
    const text = name.value.trim().slice(0, 40);
    change({ names: text === "" ? names : { ...names, [state.setting]: text } });
  });
  // While values change, the buttons stay as they are, so that they keep the focus.
  let shown = "";
  onChange(() => {
    const text = JSON.stringify([settingIds(), state.names, state.setting]);
    if (text === shown) return;
    shown = text;
    refresh();
  });
  refresh();
}
