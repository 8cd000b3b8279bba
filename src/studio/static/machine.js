// Load, memory and temperature of the devices.

import { el } from "./dom.js";
import { on } from "./feed.js";
import { bytes, percent, whole } from "./format.js";
import { get } from "./request.js";
import { fit, t } from "./words.js";

const q = t.queue;

const meter = (label, share, text) =>
  el("span", { class: "meter" }, el("span", { class: "quiet" }, label), el("meter", { min: 0, max: 1, value: Math.min(1, Math.max(0, share)), "aria-label": label }), el("span", {}, text));

/** What a card does now, as small meters. */
export function meters(now) {
  if (!now) return [];
  const parts = [];
  if (Number.isFinite(now.utilisation)) parts.push(meter(q.load, now.utilisation / 100, `${whole(now.utilisation)} %`));
  if (now.memory?.total) parts.push(meter(q.memory, now.memory.used / now.memory.total, fit(q.memoryOf, { used: bytes(now.memory.used), total: bytes(now.memory.total) })));
  if (Number.isFinite(now.temperature)) parts.push(el("span", { class: "meter" }, el("span", { class: "quiet" }, q.temperature), el("span", {}, `${whole(now.temperature)} °C`)));
  if (Number.isFinite(now.power)) parts.push(el("span", { class: "meter" }, el("span", { class: "quiet" }, q.power), el("span", {}, `${whole(now.power)} W`)));
  return parts;
}

/** Takes an event into what is known of the hardware. */
export function merge(hardware, event) {
  const news = Array.isArray(event) ? event : (event.devices ?? [event]);
  for (const one of news) {
    const device = hardware.devices.find(({ name }) => name === one.name) ?? hardware.devices.find(({ now }) => now);
    if (device !== undefined) device.now = one.now ?? one;
  }
  if (event.cpu_load !== undefined) hardware.cpu_load = event.cpu_load;
  return hardware;
}

/** Shows the load of cards in `host` from now on; hides it where nothing is known. */
export async function followMachine(host) {
  let hardware = { devices: [], cpu_load: null };
  const write = () => {
    const rows = hardware.devices.filter(({ now }) => now).map(({ name, now }) => el("div", { class: "machine-row" }, el("strong", {}, name), ...meters(now)));
    if (hardware.cpu_load !== null && hardware.cpu_load !== undefined) rows.push(el("div", { class: "machine-row" }, el("strong", {}, q.cpu), meter(q.load, hardware.cpu_load, percent(hardware.cpu_load))));
    host.replaceChildren(...rows);
    host.hidden = rows.length === 0;
  };
  on("hardware", (event) => {
    merge(hardware, event);
    write();
  });
  try {
    hardware = await get("/hardware");
    write();
  } catch {
    // The queue does not need it.
  }
}
