// What an analysis has found: advice, a timeline, and a table.

import { commandLine } from "./command-line.js";
import { command } from "./copy.js";
import { el } from "./dom.js";
import { clock, percent, span, value, whole } from "./format.js";
import { createTimeline } from "./finding-timeline.js";
import { address, ask, isAbort, post } from "./request.js";
import { attempt, say } from "./say.js";
import { show } from "./thumbs.js";
import { fit, many, t } from "./words.js";

const a = t.analyse;
const LINES = 480;

export const title = (kind) => kind.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());

/** The picture of a moment, which is asked for when somebody chooses one. */
function createMoment(file) {
  const image = el("img", { alt: "", hidden: true });
  const words = el("figcaption", { class: "quiet" });
  const figure = el("figure", { class: "moment", hidden: true }, image, words);
  let request = new AbortController();
  return {
    figure,
    async show(time, kind) {
      request.abort();
      request = new AbortController();
      figure.hidden = false;
      words.textContent = `${fit(a.frame, { time: clock(time) })}: ${title(kind)}`;
      try {
        show(image, await ask("GET", address("/files/picture", { file, time, lines: LINES }), { as: "blob", low: true, signal: request.signal }));
        image.hidden = false;
        image.alt = fit(a.frameAlt, { time: clock(time), kind: title(kind) });
      } catch (error) {
        if (isAbort(error)) return;
        image.hidden = true;
        words.textContent = error.message;
      }
    },
  };
}

function stylesOf({ styles, command: line }) {
  if (Array.isArray(styles)) return styles.join("+");
  if (typeof styles === "string") return styles;
  return /(?:-s|--style)[ =]'?([\w+,.-]+)/.exec(line ?? "")?.[1] ?? "";
}

function advice(recommendation, file) {
  const styles = stylesOf(recommendation);
  if (styles === "") return el("p", { class: "quiet" }, a.recommendedNone);
  const add = el("button", { type: "button", class: "main" }, fit(a.add, { styles: styles.replaceAll("+", " + ") }));
  add.disabled = file === null;
  add.addEventListener("click", async () => {
    add.disabled = true;
    const made = await attempt("add", () => post("/jobs", { files: [file], request: { style: styles }, folder: null }, { headers: { "Idempotency-Key": crypto.randomUUID() } }));
    add.disabled = false;
    if (made !== undefined) say(fit(a.added, { name: made.items[0].name }));
  });
  return el(
    "div",
    { class: "recommended" },
    el("ul", { class: "bullets" }, (recommendation.reasons ?? []).map((reason) => el("li", {}, reason))),
    el("div", { class: "buttons" }, add),
    command(recommendation.command ?? commandLine([file ?? "FILE"], { style: styles })),
  );
}

function strengthBar({ severity, unit }) {
  // Units differ; a share is shown as it is, others grow more slowly the larger they are.
  const share = unit.includes("%") ? severity / 100 : severity / (severity + 5);
  return el("span", { class: "strength" }, el("meter", { min: 0, max: 1, value: Math.min(1, Math.max(0.02, share)), "aria-hidden": "true" }), el("span", {}, `${value(severity)} ${unit}`));
}

function table(findings, moment, hasFile) {
  const heading = (text) => el("th", { scope: "col" }, text);
  const times = ({ at, kind }) => at.map((time) => (hasFile ? el("button", { type: "button", class: "link time-button", "aria-label": fit(a.frameAt, { time: clock(time) }), onclick: () => moment.show(time, kind) }, clock(time)) : el("span", { class: "quiet" }, clock(time))));
  const rows = findings.map((finding) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, title(finding.kind)),
      el("td", { class: "words" }, finding.words),
      el("td", {}, strengthBar(finding)),
      el("td", {}, percent(finding.confidence)),
      el("td", {}, finding.mends ?? "–"),
      el("td", { class: "times" }, finding.at.length > 0 ? times(finding) : "–"),
    ),
  );
  return el(
    "div",
    { class: "scroll", tabIndex: 0, role: "group", "aria-label": a.findings },
    el("table", { class: "findings" }, el("thead", {}, el("tr", {}, heading(a.kind), heading(a.words), heading(a.strength), heading(a.confidence), heading(a.mends), heading(a.at))), el("tbody", {}, rows)),
  );
}

/** Shows an analysis in `host`. `file` is its name for the server, where that is known. */
export function showAnalysis(host, analysis, { file, page }) {
  const findings = analysis.findings.filter(({ found }) => found);
  const absent = analysis.findings.filter(({ found }) => !found);
  const moment = createMoment(file);
  const end = analysis.duration ?? Math.max(1, ...findings.flatMap(({ at }) => at));
  const summary = fit(a.summary, { size: `${analysis.width}×${analysis.height}`, duration: span(analysis.duration ?? NaN) || "–", frames: whole(analysis.frames) });
  const parts = [
    el("p", {}, summary, analysis.sampled ? ` ${a.sampled}` : "", " ", page ? el("a", { href: page, target: "_blank", rel: "noopener" }, a.page) : null),
    analysis.warnings.length > 0 ? el("ul", { class: "note" }, analysis.warnings.map((words) => el("li", {}, words))) : null,
    el("section", { class: "panel" }, el("h3", {}, a.recommended), advice(analysis.recommendation ?? {}, file)),
  ];
  if (findings.length === 0) parts.push(el("p", {}, a.nothing));
  else {
    parts.push(
      el("section", { class: "panel" }, el("h3", {}, a.timeline), el("p", { class: "help" }, a.timelineHelp), createTimeline(findings, end, file === null ? null : moment.show), moment.figure),
      el("section", { class: "panel" }, el("h3", {}, a.findings), table(findings, moment, file !== null), el("p", { class: "help" }, a.strengthNote)),
    );
  }
  if (absent.length > 0) {
    parts.push(el("details", { class: "panel" }, el("summary", {}, many(a.absent, absent.length)), el("ul", { class: "columns" }, absent.map((finding) => el("li", {}, el("strong", {}, title(finding.kind)), el("span", { class: "quiet" }, ` ${finding.words}`))))));
  }
  host.replaceChildren(...parts.filter(Boolean));
}
