// Metrics as a table, with a small drawing of how they spread over the frames.

import { el, svg } from "./dom.js";
import { value } from "./format.js";
import { fit, t } from "./words.js";

const r = t.results;
const WIDTH = 200;
const HEIGHT = 24;
const EDGE = 8;

function plot(name, own, source) {
  const all = [own.min, own.max, own.mean, source?.min, source?.max, source?.mean].filter(Number.isFinite);
  const least = Math.min(...all);
  const most = Math.max(...all);
  const x = (of) => (most === least ? WIDTH / 2 : EDGE + ((of - least) / (most - least)) * (WIDTH - 2 * EDGE));
  const y = HEIGHT / 2;
  const label = fit(r.metricPlot, { title: own.title ?? name, min: value(own.min), max: value(own.max), mean: value(own.mean) });
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", role: "img", "aria-label": label },
    svg("line", { class: "axis", x1: EDGE, x2: WIDTH - EDGE, y1: y, y2: y }),
    Number.isFinite(own.min) ? svg("line", { class: "spread", x1: x(own.min), x2: x(own.max), y1: y, y2: y }) : null,
    Number.isFinite(own.p5) ? svg("line", { class: "tick", x1: x(own.p5), x2: x(own.p5), y1: y - 5, y2: y + 5 }) : null,
    Number.isFinite(source?.mean) ? svg("circle", { class: "ring", cx: x(source.mean), cy: y, r: 5 }) : null,
    svg("circle", { class: "dot", cx: x(own.mean), cy: y, r: 4 }),
  );
}

const better = { higher: r.higher, lower: r.lower };

/** A table of `metrics` as a report has them: {metrics, source_metrics, changes}. */
export function metricsTable({ metrics, source_metrics: source = {}, changes = [] }) {
  const rows = Object.entries(metrics ?? {}).map(([name, own]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, own.title ?? name, own.unit ? el("span", { class: "quiet" }, ` ${own.unit}`) : null, better[own.better] ? el("span", { class: "quiet hint" }, better[own.better]) : null),
      el("td", { class: "right" }, value(own.mean)),
      el("td", { class: "right quiet" }, source[name] ? value(source[name].mean) : "–"),
      el("td", {}, plot(name, own, source[name])),
    ),
  );
  const heading = (text, name = "") => el("th", { scope: "col", class: name }, text);
  return el(
    "div",
    {},
    changes.length > 0 ? el("p", {}, changes.join(", ")) : null,
    el(
      "div",
      { class: "scroll", tabIndex: 0, role: "group", "aria-label": r.metrics },
      el("table", { class: "metrics" }, el("thead", {}, el("tr", {}, heading(r.metric), heading(r.metricOutput, "right"), heading(r.metricSource, "right"), heading(r.metricRange))), el("tbody", {}, rows)),
    ),
    el("p", { class: "help" }, r.metricLegend),
  );
}
