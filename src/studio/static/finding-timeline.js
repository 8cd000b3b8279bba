// Findings over time: a line for each, a mark at each of its worst places.

import { el, svg } from "./dom.js";
import { clock } from "./format.js";
import { fit, t } from "./words.js";

const WIDTH = 1000;
const HEIGHT = 28;
// Space of a mark that people hit without aiming.
const REACH = 14;

// Steps of the axis, in seconds, so that people can read the labels.
const STEPS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

function axis(end) {
  const step = STEPS.find((one) => end / one <= 6) ?? STEPS.at(-1);
  const labels = [];
  for (let time = 0; time < end - step * 0.4; time += step) {
    const label = el("span", {}, step < 1 ? clock(time) : clock(time).replace(/\.\d+$/, ""));
    label.style.setProperty("--at", `${(100 * time) / end}%`);
    labels.push(label);
  }
  return el("div", { class: "lane axis-lane", "aria-hidden": "true" }, el("span", {}), el("div", { class: "axis-labels" }, labels));
}

function lane(finding, end, choose) {
  const name = finding.kind.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());
  const x = (time) => Math.min(WIDTH, (WIDTH * time) / end);
  const worst = finding.at.length;
  const marks = finding.at.map((time, rank) => {
    // The first is the worst, and so the tallest.
    const height = HEIGHT - 6 - (rank * (HEIGHT - 16)) / Math.max(1, worst);
    return svg("line", { class: "mark", x1: x(time), x2: x(time), y1: HEIGHT - 2, y2: HEIGHT - 2 - height });
  });
  const shown = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "marks", role: "img", "aria-label": fit(t.analyse.timelineLabel, { kind: name, n: worst }) }, svg("line", { class: "axis", x1: 0, x2: WIDTH, y1: HEIGHT - 2, y2: HEIGHT - 2 }), ...marks);
  if (choose !== null && worst > 0) {
    shown.classList.add("active");
    // The table has the same times as buttons for the keyboard.
    shown.addEventListener("click", (event) => {
      const box = shown.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * end;
      const near = finding.at.reduce((best, time) => (Math.abs(time - at) < Math.abs(best - at) ? time : best));
      if ((Math.abs(near - at) / end) * box.width <= REACH) choose(near, finding.kind);
    });
  }
  return el("div", { class: "lane" }, el("span", { class: "lane-name" }, name), shown);
}

/** The timeline of `findings`, which ends at `end` seconds; `choose` is called with a time and a kind. */
export function createTimeline(findings, end, choose) {
  return el("div", { class: "findings-timeline" }, findings.map((finding) => lane(finding, end, choose)), axis(end));
}
