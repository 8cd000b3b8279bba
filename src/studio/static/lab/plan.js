// The plan as a picture: the steps of a frame, what flows between them, and what they cost.

import { byId, el, svg } from "/dom.js";
import { milliseconds } from "/format.js";
import { getPlan } from "./api.js";
import { T } from "./words.js";
import { change, onChange, requestValues, state } from "./state.js";
import { layOut } from "./graph.js";

const NODE = { width: 176, height: 72 };
const SPACE = { x: 40, y: 14 };
const EDGE = 12;

// In place of a pass: what comes out at the end.
const RESULT = Symbol("result");

const graph = byId("graph");
const summary = byId("plan-summary");

let controller = null;
let asked = "";
let plan = null;
let passes = [];

function place([column, row]) {
  return { x: EDGE + column * (NODE.width + SPACE.x), y: EDGE + row * (NODE.height + SPACE.y) };
}

function curve(way) {
  const middle = NODE.height / 2;
  let path = "";
  way.forEach((point, index) => {
    const { x, y } = place(point);
    const first = index === 0;
    const last = index === way.length - 1;
    if (first) {
      path = `M${x + NODE.width} ${y + middle}`;
      return;
    }
    const { x: before, y: level } = place(way[index - 1]);
    const half = SPACE.x / 2;
    const from = before + NODE.width;
    path += ` C${from + half} ${level + middle} ${x - half} ${y + middle} ${x} ${y + middle}`;
    if (!last) path += ` H${x + NODE.width}`;
  });
  return path;
}

/** From the lower edge of a node to that of another: what is read of the frame before. */
function arc(from, to) {
  const start = place([from.column, from.row]);
  const end = place([to.column, to.row]);
  const low = NODE.height + SPACE.y + EDGE;
  const a = { x: start.x + NODE.width / 2, y: start.y + NODE.height };
  const b = { x: end.x + NODE.width / 2 - 8, y: end.y + NODE.height };
  return `M${a.x} ${a.y} C${a.x} ${start.y + low} ${b.x} ${end.y + low} ${b.x} ${b.y}`;
}

/** The passes whose images the steps make, one for each step; RESULT for an output, null for words. */
function passesOf(steps) {
  const words = new Set(state.style.passes.filter((pass) => pass.words).map(({ name }) => name));
  return steps.map(({ pass }) => {
    if (pass === null) return RESULT;
    return words.has(pass) ? null : pass;
  });
}

function isShown(pass) {
  return pass === RESULT ? state.pass === null : pass !== null && pass === state.pass;
}

// The last parts of a path tell steps apart; the whole of it is the button's title.
function short(label) {
  const parts = label.split("/");
  return parts.length > 2 ? `…/${parts.slice(-2).join("/")}` : label;
}

function node(step, pass, longest) {
  const measured = step.milliseconds !== null;
  const lines = [
    el("span", { class: "node-label" }, short(step.label)),
    el(
      "span",
      { class: "node-cost" },
      el("b", {}, measured ? milliseconds(step.milliseconds) : T.planUnmeasured),
      ` ${T.planExtent(step.extent, step.dispatches)}`,
    ),
    el("span", { class: "node-cost" }, T.planTraffic(step.read, step.written)),
  ];
  const more = [
    step.label,
    step.kernels.join(", "),
    step.fused.length > 0 ? T.planFused(step.fused) : "",
    step.stored ? T.planStored(step.stored) : "",
  ];
  const bar = el("span", { class: "node-bar", "aria-hidden": "true" });
  bar.style.width = measured && longest > 0 ? `${(100 * step.milliseconds) / longest}%` : "0";
  return el(
    "button",
    {
      type: "button",
      class: `node${step.stored ? " stored" : ""}`,
      title: more.filter(Boolean).join("\n"),
      "aria-pressed": String(isShown(pass)),
      disabled: pass === null,
      onclick: () => change({ pass: pass === RESULT ? null : pass }),
    },
    ...lines,
    bar,
  );
}

function end(label, isResult) {
  if (!isResult) return el("span", { class: "node end" }, el("span", { class: "node-label" }, label));
  return el(
    "button",
    { type: "button", class: "node end", "aria-pressed": String(state.pass === null), onclick: () => change({ pass: null }) },
    el("span", { class: "node-label" }, label),
  );
}

function draw() {
  if (plan === null) return;
  const { steps, edges, histories } = plan;
  passes = passesOf(steps);
  const output = steps.length + 1;
  // Node 0 is the source, so step n is node n + 1.
  const { nodes, ways, columns, rows } = layOut(steps.length + 2, edges.map(([from, to]) => [from + 1, to + 1]));
  const width = 2 * EDGE + columns * (NODE.width + SPACE.x) - SPACE.x;
  const height = 2 * EDGE + rows * (NODE.height + SPACE.y);
  const times = steps.map((step) => step.milliseconds).filter((time) => time !== null);
  const longest = Math.max(0, ...times);
  const lines = svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    ...ways.map((way) => svg("path", { d: curve(way) })),
    ...histories.map(([from, to]) => svg("path", { d: arc(nodes[from + 1], nodes[to + 1]), class: "history" })),
  );
  const boxes = nodes.map(({ column, row }, index) => {
    const box = index === 0 ? end(T.planSource, false) : index === output ? end(T.planOutput, true) : node(steps[index - 1], passes[index - 1], longest);
    const { x, y } = place([column, row]);
    box.style.left = `${x}px`;
    box.style.top = `${y}px`;
    box.style.width = `${NODE.width}px`;
    box.style.height = `${NODE.height}px`;
    return el("li", {}, box);
  });
  const list = el("ol", { "aria-label": T.planGraph }, boxes);
  list.style.width = `${width}px`;
  list.style.height = `${height}px`;
  const first = graph.childElementCount === 0;
  const kept = { left: graph.scrollLeft, top: graph.scrollTop };
  graph.replaceChildren(lines, list);
  // At first, the source is in sight.
  if (first) kept.top = place([0, nodes[0].row]).y - graph.clientHeight / 2;
  graph.scrollTo(kept);
  const moved = steps.reduce((sum, step) => sum + step.read + step.written, 0);
  const time = times.length === steps.length && times.length > 0 ? times.reduce((sum, one) => sum + one, 0) : null;
  const behind = plan.latency > 0 ? `, ${T.planLatency(plan.latency)}` : "";
  summary.textContent = T.planSummary(steps.length, moved, time) + behind;
}

async function ask() {
  if (state.style === null || state.drawer !== "plan" || state.moving || state.playing || state.watching !== null) return;
  // Another frame has the same plan.
  const body = { frame: state.frame, values: requestValues(), lines: null };
  const text = JSON.stringify([body.values, state.style.version]);
  if (text === asked) return;
  asked = text;
  controller?.abort();
  controller = new AbortController();
  if (plan === null) summary.textContent = T.planWaiting;
  try {
    plan = await getPlan(body, controller.signal);
    draw();
  } catch (error) {
    if (error.name === "AbortError") return;
    asked = "";
    summary.textContent = [error.message, error.detail].filter(Boolean).join(": ");
  }
}

function markPass() {
  if (plan === null) return;
  const boxes = graph.querySelectorAll("li > .node");
  passes.forEach((pass, index) => {
    boxes[index + 1].setAttribute("aria-pressed", String(isShown(pass)));
  });
  boxes[plan.steps.length + 1].setAttribute("aria-pressed", String(state.pass === null));
}

/** Shows the plan from now on. */
export function followPlan() {
  onChange((names) => {
    if (names.has("pass")) markPass();
    if (["style", "values", "setting", "drawer", "moving", "playing", "watching"].some((name) => names.has(name))) ask();
  });
}
