// What the page "Start" asks for, read from its fields.

import { byId } from "./dom.js";
import { seconds, sizeOf } from "./times.js";
import { fit, many, t } from "./words.js";

/** The request, and what is wrong with the fields (or null). */
export function readStart({ qualities, presets }, cards) {
  const quality = byId("start").elements.quality.value;
  const preset = byId("preset").value;
  const size = sizeOf(byId("size").value);
  const times = { start: seconds(byId("from").value), duration: seconds(byId("duration").value) };
  const request = { ...qualities.find(({ name }) => name === quality)?.request };
  if (preset !== "") request.preset = preset;
  if (cards.value() !== null) request.style = cards.value();
  for (const [name, value] of Object.entries(times)) if (value !== null) request[name] = String(value);
  Object.assign(request, size);
  const styled = presets.find(({ name }) => name === preset);
  let wrong = null;
  if (Number.isNaN(times.duration)) wrong = fit(t.start.wrongTime, { field: t.start.duration });
  if (Number.isNaN(times.start)) wrong = fit(t.start.wrongTime, { field: t.start.from });
  if (size === null) wrong = t.start.wrongSize;
  // "auto" finds styles by itself.
  if (!request.style && !styled?.request?.style && preset !== "auto") wrong = t.start.wrongStyle;
  mark("from", Number.isNaN(times.start));
  mark("duration", Number.isNaN(times.duration));
  mark("size", size === null);
  return { request, wrong };
}

function mark(id, isWrong) {
  if (isWrong) byId(id).setAttribute("aria-invalid", "true");
  else byId(id).removeAttribute("aria-invalid");
}

/** What will be made, in a sentence or two. */
export function sumOf(files, cards, { presets }) {
  const preset = byId("preset").value;
  const styled = presets.find(({ name }) => name === preset);
  const each = Math.max(cards.outputs(), styled?.request?.style || preset === "auto" ? 1 : 0);
  if (files === 0 || each === 0) return t.start.sumEmpty;
  const words = { files: many(t.start.sumFiles, files), outputs: many(t.start.sumOutputs, files * each) };
  const sentences = [fit(files === 1 ? t.start.sumWord : t.start.sumWords, words)];
  if (cards.value() !== null) sentences.push(fit(t.start.sumStyles, { styles: cards.value().replaceAll("+", " + ").replaceAll(",", ", ") }));
  if (preset !== "") sentences.push(fit(t.start.sumPreset, { preset }));
  return sentences.join(" ");
}
