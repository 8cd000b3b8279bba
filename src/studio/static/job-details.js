// What is known of a job, built when somebody opens it.

import { command } from "./copy.js";
import { el } from "./dom.js";
import { bytes, when } from "./format.js";
import { get } from "./request.js";
import { fit, t } from "./words.js";

const q = t.queue;

const list = (title, items) => (items.length === 0 ? [] : [el("h3", {}, title), el("ul", { class: "bullets" }, items.map((item) => el("li", {}, item)))]);

function outputs(job) {
  return job.outputs.map((output) => {
    const size = output.bytes ? ` ${bytes(output.bytes)}` : "";
    if (!output.exists) return el("span", { class: "quiet" }, `${output.name}${job.state === "done" ? ` (${q.missing})` : ""}`);
    return el("span", {}, el("a", { href: `/results?job=${job.id}&n=${output.n}` }, output.name), el("span", { class: "quiet" }, size));
  });
}

function problem(error) {
  if (!error) return [];
  return [
    el("div", { class: "advice" }, el("strong", { class: "wrong" }, error.title), el("p", {}, error.detail ?? ""), error.topic ? el("p", { class: "quiet" }, fit(q.help, { topic: error.topic })) : null),
  ];
}

function actions(job) {
  if (job.read_only) return [];
  const isEnded = ["done", "failed", "cancelled"].includes(job.state);
  return [
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", "data-act": "duplicate" }, q.duplicate),
      isEnded ? el("button", { type: "button", "data-act": "forget" }, q.forget) : null,
    ),
  ];
}

/** Fills in the details of a job. Called again when the job has changed. */
export async function fillDetails(details, job) {
  let body = details.querySelector(".details");
  if (body === null) {
    body = el("div", { class: "details" });
    details.append(body);
  }
  const history = el("ol", { class: "history" }, el("li", { class: "quiet" }, t.common.loading));
  body.replaceChildren(
    ...problem(job.error),
    ...list(q.warnings, job.warnings),
    ...list(q.fallbacks, job.fallbacks),
    ...list(q.outputs, outputs(job)),
    el("h3", {}, t.common.command),
    command(job.command),
    el("h3", {}, q.history),
    history,
    ...actions(job),
  );
  if (job.read_only) {
    history.replaceChildren(el("li", {}, fit(q.at, { state: q.states[job.state], when: when(job.started ?? job.created) })));
    return;
  }
  try {
    const { items } = await get(`/jobs/${job.id}/history`);
    history.replaceChildren(
      ...items.map(({ at, state, words }) => el("li", {}, el("time", { dateTime: at, class: "quiet" }, when(at)), " ", el("strong", {}, q.states[state] ?? state), words ? ` ${words}` : "")),
    );
  } catch (error) {
    history.replaceChildren(el("li", { class: "wrong" }, error.message));
  }
}
