// What is known of an output: numbers, how it was made, and how to make it again.

import { command } from "./copy.js";
import { el } from "./dom.js";
import { get, isAbort, post } from "./request.js";
import { finished } from "./tasks.js";
import { metricsTable } from "./plots.js";
import { t } from "./words.js";

const r = t.results;

const block = (title, ...children) => el("section", { class: "block" }, el("h3", {}, title), ...children);

const quote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function metricsBlock(output, report, signal) {
  if (report?.metrics) return block(r.metrics, metricsTable(report.metrics));
  const words = el("p", { class: "quiet" }, r.metricsNone);
  const button = el("button", { type: "button" }, r.measureNow);
  const host = block(r.metrics, words, button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const task = await post("/measures", { output: output.file, reference: output.source }, { signal });
      const { result } = await finished(task, { signal, progress: (now) => (words.textContent = `${r.measuring} ${now.words ?? ""}`) });
      const against = result.reference_metrics ?? {};
      host.replaceChildren(el("h3", {}, r.metrics), metricsTable({ metrics: result.metrics, source_metrics: against }));
    } catch (error) {
      if (isAbort(error)) return;
      words.textContent = `${error.message}. ${error.detail ?? ""}`;
      button.disabled = false;
    }
  });
  return host;
}

function fact(name, value) {
  return value === undefined || value === null || value === "" ? null : el("div", {}, el("dt", {}, name), el("dd", {}, String(value)));
}

function flat(parameters) {
  return Object.entries(parameters ?? {}).flatMap(([name, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value) ? Object.entries(value).map(([inner, of]) => `${name}.${inner} = ${JSON.stringify(of)}`) : [`${name} = ${JSON.stringify(value)}`],
  );
}

function recipeBlock(recipe) {
  if (!recipe) return block(r.recipe, el("p", { class: "quiet" }, r.recipeNone));
  const values = flat(recipe.parameters);
  return block(
    r.recipe,
    el("dl", { class: "facts" }, fact(r.recipeStyle, recipe.style), fact(r.recipeDevice, recipe.device), fact(r.recipeSeed, recipe.seed), fact(r.recipeVersion, recipe.aquatint)),
    values.length > 0 ? el("p", { class: "values" }, el("span", { class: "quiet" }, `${r.recipeParams}: `), values.join(", ")) : null,
    el("details", {}, el("summary", {}, r.recipeAll), el("pre", { class: "json", tabIndex: 0, role: "group", "aria-label": r.recipeAll }, JSON.stringify(recipe, null, 2))),
  );
}

/** Fills `host` with what is known of `output`. */
export async function showAbout(host, output, { signal }) {
  let report = null;
  try {
    const whole = await get(`/jobs/${output.job}/report`, { signal });
    report = whole.outputs?.[output.n] ?? null;
  } catch (error) {
    if (isAbort(error)) return;
  }
  host.replaceChildren(
    metricsBlock(output, report, signal),
    recipeBlock(report?.recipe),
    block(r.reproduce, el("p", { class: "quiet" }, r.reproduceHelp), command(`aquatint reproduce ${quote(output.name)} --input ${quote(output.sourceName)}`)),
  );
}
