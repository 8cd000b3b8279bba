// The page "Results": outputs of jobs that are done, and the one that is looked at.

import { byId, el } from "./dom.js";
import { goOn, on, onGap, suspend } from "./feed.js";
import { bytes, nameOf, span, when } from "./format.js";
import { openDialog } from "./dialogs.js";
import { preferenceForm, ratingForm } from "./opinions.js";
import { playable } from "./playable.js";
import { followPlayerKeys } from "./player-keys.js";
import { isBuffered, load as play, tell, unload } from "./player.js";
import { address, get, isAbort, withQuery } from "./request.js";
import { showAbout } from "./result-about.js";
import { attempt } from "./say.js";
import { lazily } from "./thumbs.js";
import { seconds } from "./times.js";
import { fit, t } from "./words.js";

const r = t.results;
const LINES = 120;
const outputs = new Map();
const list = byId("outputs");
let cursor = null;
let shown = null;
// What is asked for the pictures, and for the facts beside them.
let request = new AbortController();
let facts = new AbortController();

const keyOf = (job, n) => `${job}-${n}`;

function take(job) {
  if (job.state !== "done") return;
  for (const output of job.outputs) {
    const key = keyOf(job.id, output.n);
    if (outputs.has(key)) continue;
    const of = { ...output, key, job: job.id, source: job.file, sourceName: job.name, request: job.request, ended: job.ended };
    const picture = el("img", { alt: "" });
    const button = el(
      "button",
      { type: "button", class: "output", onclick: () => show(of) },
      el("span", { class: "thumb" }, output.exists ? lazily(picture, address("/files/picture", { file: output.file, lines: LINES })) : null),
      el("span", { class: "output-words" }, el("strong", {}, output.name), el("span", { class: "quiet" }, [output.style, output.exists ? bytes(output.bytes) : r.gone, when(job.ended)].filter(Boolean).join(" · "))),
    );
    of.row = el("li", {}, button);
    of.button = button;
    outputs.set(key, of);
  }
}

function arrange() {
  const sorted = [...outputs.values()].sort((a, b) => Date.parse(b.ended) - Date.parse(a.ended) || b.job - a.job || a.n - b.n);
  const word = byId("find").value.trim().toLowerCase();
  let count = 0;
  for (const [at, { row, name, style }] of sorted.entries()) {
    row.hidden = !`${name} ${style}`.toLowerCase().includes(word);
    if (!row.hidden) count += 1;
    if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
  }
  byId("none").hidden = count > 0;
}

async function loadMore() {
  const page = await get(withQuery("/jobs", { state: "done", limit: 60, cursor }));
  page.items.forEach(take);
  cursor = page.next;
  byId("more").hidden = cursor === null;
  arrange();
}

// An output of a part of the source begins at time 0, the source does not.
function timesOf(output) {
  const start = seconds(String(output.request.start ?? "")) || 0;
  const duration = seconds(String(output.request.duration ?? "")) || null;
  return { start, duration };
}

/** Plays `other` (the source, or another output) under `output`. */
async function playBoth(output, other, signal) {
  const part = timesOf(output);
  tell(r.loading);
  const making = () => tell(r.preparing);
  const after = await playable(output.file, { signal, making });
  const before = other === null ? await playable(output.source, { signal, part, making }) : await playable(other.file, { signal, making });
  if (signal.aborted) return;
  const shift = other === null && before.clip === null ? part.start : 0;
  // Two videos take two connections; the events would be the third beside the requests.
  if (before.kind === "video" && after.kind === "video") suspend("player");
  play(before, after, {
    labels: other === null ? { before: r.before, after: `${r.after}: ${output.style}` } : { before: `A: ${other.style}`, after: `B: ${output.style}` },
    offset: -shift,
    rate: before.fps ?? after.fps,
  });
  const clip = before.clip ?? after.clip;
  tell(clip === null ? "" : fit(r.clipOnly, { seconds: span(clip) }));
}

async function start(output, other) {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  unload();
  goOn("player");
  byId("player").hidden = false;
  try {
    await playBoth(output, other, signal);
  } catch (error) {
    if (!isAbort(error)) tell(fit(r.noPlay, { why: `${error.message}. ${error.detail ?? ""}` }));
  }
  return signal;
}

async function show(output, focus = true) {
  shown?.button.removeAttribute("aria-current");
  shown = output;
  output.button.setAttribute("aria-current", "true");
  history.replaceState(null, "", `?job=${output.job}&n=${output.n}`);
  byId("viewer-title").textContent = output.name;
  const words = fit(r.facts, { style: output.style, bytes: bytes(output.bytes) || "–", source: nameOf(output.source) });
  byId("viewer-facts").textContent = output.exists ? words : `${words}. ${r.gone}`;
  const about = el("div", { class: "about" });
  const others = [...outputs.values()].filter((other) => other.source === output.source && other.key !== output.key && other.exists);
  byId("about").replaceChildren(
    el(
      "div",
      { class: "buttons" },
      output.exists ? el("a", { class: "button", href: address("/files/content", { file: output.file }), download: output.name }, r.download) : null,
      el("a", { class: "button", href: `/queue?job=${output.job}` }, r.openQueue),
    ),
    ...[output.exists ? ratingForm(output) : null, output.exists ? preferenceForm(output, others, (other) => start(output, other)) : null].filter(Boolean),
    about,
  );
  if (focus && matchMedia("(width < 58rem)").matches) byId("viewer").scrollIntoView();
  if (focus) byId("viewer").focus({ preventScroll: true });
  if (output.exists) start(output, null);
  else {
    unload();
    byId("player").hidden = true;
  }
  facts.abort();
  facts = new AbortController();
  await showAbout(about, output, { signal: facts.signal });
}

byId("find").addEventListener("input", arrange);
byId("more").addEventListener("click", () => attempt("results", loadMore));
byId("keys").addEventListener("click", () => openDialog(byId("keys-dialog")));
on("job", (job) => {
  take(job);
  arrange();
});
onGap(() => attempt("results", loadMore));
// Videos that have come as a whole need no connection any more.
setInterval(() => isBuffered() && goOn("player"), 2000);
followPlayerKeys();

await attempt("results", async () => {
  const query = new URLSearchParams(location.search);
  if (query.has("job")) take(await get(`/jobs/${query.get("job")}`));
  await loadMore();
  const wanted = outputs.get(keyOf(query.get("job"), query.get("n") ?? 0));
  if (wanted !== undefined) show(wanted, false);
});
