// The page "Settings": each change is saved at once.

import { folderField } from "./chooser.js";
import { byId, el } from "./dom.js";
import { on, onGap } from "./feed.js";
import { showFolders, followDevices } from "./settings-machine.js";
import { allow } from "./notify.js";
import { all, get, patch } from "./request.js";
import { announce, attempt } from "./say.js";
import { showTheme } from "./show-theme.js";
import { followWatches } from "./watches.js";
import { t } from "./words.js";

const SAVED_FOR = 3000;
const form = byId("settings");
let timer = 0;

const folder = folderField(byId("folder"), byId("folder-choose"), byId("folder-clear"), (now) => save({ folder: now }));

async function save(some) {
  const settings = await attempt("settings", () => patch("/settings", some));
  if (settings === undefined) return;
  show(settings);
  byId("saved").textContent = t.settings.saved;
  clearTimeout(timer);
  timer = setTimeout(() => {
    byId("saved").textContent = "";
  }, SAVED_FOR);
}

// A list that has not come yet must not lose the value.
function select(id, value) {
  const field = byId(id);
  if (value && ![...field.options].some((option) => option.value === value)) field.append(el("option", { value }, value));
  field.value = value ?? "";
}

function show(settings) {
  for (const name of ["theme", "quality", "at_start"]) if (settings[name] !== undefined) form.elements[name].value = settings[name];
  if (settings.notify !== undefined) byId("notify").checked = settings.notify && "Notification" in window && Notification.permission === "granted";
  if (settings.preview_first !== undefined) byId("preview_first").checked = settings.preview_first;
  if (settings.preset !== undefined) select("preset", settings.preset);
  if (settings.device !== undefined) select("device", settings.device ?? "auto");
  if (settings.folder !== undefined) folder.set(settings.folder);
}

async function changed({ target }) {
  if (target.name === "theme") showTheme(target.value);
  if (target.type === "radio") await save({ [target.name]: target.value });
  else if (target.id === "preset") await save({ preset: target.value || null });
  else if (target.id === "device") await save({ device: target.value });
  else if (target.id === "preview_first") await save({ preview_first: target.checked });
  else if (target.id === "notify") await notify(target);
}

async function notify(box) {
  if (box.checked && !(await allow())) {
    box.checked = false;
    byId("notify-help").textContent = t.settings.notifyDenied;
    announce(t.settings.notifyDenied);
    return;
  }
  byId("notify-help").textContent = t.settings.notifyHelp;
  await save({ notify: box.checked });
}

async function load() {
  await attempt("settings", async () => {
    const settings = await get("/settings");
    showTheme(settings.theme);
    show(settings);
  });
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", changed);
on("settings", show);
onGap(load);

await load();
await attempt("lists", async () => {
  const presets = await all("/presets");
  const styles = await all("/styles");
  for (const id of ["preset", "watch-preset"]) {
    const kept = byId(id).value;
    byId(id).append(...presets.filter(({ name }) => name !== kept || kept === "").map(({ name }) => el("option", { value: name }, name)));
    byId(id).value = kept;
  }
  byId("watch-style").append(...styles.map(({ name }) => el("option", { value: name }, name)));
  await followDevices(byId("devices"), byId("device"));
  await showFolders();
  await followWatches();
});
