// The learning curve of a version: the loss of the training, and that on the pictures kept for validation, over the steps.

import { el, svg } from "./dom.js";
import { value, whole } from "./format.js";
import { fit, t } from "./words.js";

const w = t.train;
const WIDTH = 640;
const HEIGHT = 200;
const LEFT = 56;
const BELOW = 24;
const ABOVE = 10;

/** A drawing of the curve of `version`; of one that runs, up to the steps that are asked for. Null where there is no point yet. */
export function lossCurve(version, progress) {
  const { curve } = version;
  if (curve.length === 0) return null;
  const first = { step: 0, validation: version.first_loss };
  const validation = [first, ...curve].map(({ step, validation: loss }) => ({ step, loss }));
  const losses = [...curve.map(({ loss }) => loss), ...validation.map(({ loss }) => loss)].filter((loss) => loss > 0);
  if (losses.length === 0) return null;
  // Losses fall by factors: equal factors are equal distances.
  const [least, most] = [Math.log(Math.min(...losses)), Math.log(Math.max(...losses))];
  const end = progress?.steps ?? version.steps_asked ?? curve.at(-1).step;
  const x = (step) => LEFT + (step / Math.max(end, 1)) * (WIDTH - LEFT - 10);
  const y = (loss) => ABOVE + (most === least ? 0.5 : (most - Math.log(Math.max(loss, 1e-12))) / (most - least)) * (HEIGHT - ABOVE - BELOW);
  const points = (of) => of.map(({ step, loss }) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
  const label = fit(w.curve, { steps: whole(curve.at(-1).step), first: value(version.first_loss), best: value(version.best_loss), step: whole(version.best_step) });
  const words = (text, at, down, anchor = "end") => svg("text", { x: at, y: down, "text-anchor": anchor }, text);
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "loss-curve", role: "img", "aria-label": label },
    svg("line", { class: "axis", x1: LEFT, x2: WIDTH - 10, y1: HEIGHT - BELOW, y2: HEIGHT - BELOW }),
    words(value(Math.exp(most)), LEFT - 6, ABOVE + 4),
    words(value(Math.exp(least)), LEFT - 6, HEIGHT - BELOW),
    words("0", LEFT, HEIGHT - 6, "middle"),
    words(whole(end), WIDTH - 10, HEIGHT - 6),
    svg("polyline", { class: "training-loss", points: points(curve) }),
    svg("polyline", { class: "validation-loss", points: points(validation) }),
    svg("circle", { class: "dot", cx: x(version.best_step), cy: y(version.best_loss), r: 4 }),
  );
  return el("figure", {}, drawing, el("figcaption", { class: "quiet legend" }, el("span", { class: "training-loss" }, w.trainingLoss), el("span", { class: "validation-loss" }, w.validationLoss), el("span", {}, fit(w.best, { step: whole(version.best_step) }))));
}
