// What is said of the machine: its devices and their load, and the folders that the studio may read.

import { byId, el } from "./dom.js";
import { on } from "./feed.js";
import { bytes, percent } from "./format.js";
import { merge, meters } from "./machine.js";
import { get } from "./request.js";
import { fit, t } from "./words.js";

const s = t.settings;

function deviceRow(device) {
  const facts = [s.kinds[device.kind] ?? device.kind, device.software ? s.software : null, device.memory?.total ? fit(s.memoryFree, { available: bytes(device.memory.available), total: bytes(device.memory.total) }) : null];
  return el(
    "li",
    {},
    el("p", {}, el("strong", {}, device.name), device.auto ? el("span", { class: "tag" }, s.usedByAuto) : null),
    el("p", { class: "quiet" }, facts.filter(Boolean).join(", ")),
    device.now ? el("div", { class: "machine-row" }, ...meters(device.now)) : null,
  );
}

/** Shows the devices in `host` from now on, and offers them in `choice`. */
export async function followDevices(host, choice) {
  const hardware = await get("/hardware");
  const write = () => {
    host.replaceChildren(...hardware.devices.map(deviceRow));
    byId("load").textContent = hardware.cpu_load === null || hardware.cpu_load === undefined ? "" : fit(s.cpuLoad, { percent: percent(hardware.cpu_load) });
  };
  const kept = choice.value;
  for (const { name } of hardware.devices) if (![...choice.options].some(({ value }) => value === name)) choice.append(el("option", { value: name }, name));
  choice.value = kept;
  write();
  on("hardware", (event) => {
    merge(hardware, event);
    write();
  });
  const { data, cache } = hardware.folders;
  const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  byId("own-folders").replaceChildren(fact(s.data, data), fact(s.cache, cache));
}

/** Shows the folders. */
export async function showFolders() {
  const { items } = await get("/roots");
  byId("roots").replaceChildren(
    ...items.map((root) =>
      el("li", {}, el("strong", {}, root.name), el("span", { class: "quiet" }, [root.uploads ? s.uploads : root.writable ? s.writable : s.readOnly, root.free_bytes ? fit(s.free, { bytes: bytes(root.free_bytes) }) : null].filter(Boolean).join(", "))),
    ),
  );
}
