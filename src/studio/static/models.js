// The page "Models".

import { confirmed } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { bytes } from "./format.js";
import { all, post, remove } from "./request.js";
import { attempt, say } from "./say.js";
import { createUploads } from "./uploads.js";
import { fit, t } from "./words.js";

const m = t.models;
const OWN = ["own", "user"];

const isOwn = ({ origin }) => OWN.includes(origin);
const originOf = (model) => (isOwn(model) ? m.own : model.origin === "built in" || model.origin === "builtin" || !model.origin ? m.builtIn : model.origin);

function source(text) {
  if (!text) return "–";
  return /^https?:\/\//.test(text) ? el("a", { href: text, target: "_blank", rel: "noreferrer" }, text.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "")) : text;
}

function row(model) {
  const away = isOwn(model) ? el("button", { type: "button", "aria-label": fit(m.removeOne, { name: model.name }), onclick: () => take(model) }, m.remove) : null;
  return el(
    "tr",
    { role: "row" },
    el("th", { scope: "row", role: "rowheader" }, model.name, el("span", { class: "tag" }, originOf(model)), el("span", { class: "quiet hint" }, model.summary ?? ""), model.problem ? el("span", { class: "wrong hint" }, fit(m.problem, { problem: model.problem })) : null),
    el("td", { role: "cell", "data-name": m.task }, model.task ?? "–", model.scale > 1 ? el("span", { class: "quiet hint" }, fit(m.scale, { n: model.scale })) : null),
    el("td", { role: "cell", "data-name": m.licence }, model.licence ?? "–"),
    el("td", { role: "cell", class: "source", "data-name": m.source }, source(model.source)),
    el("td", { role: "cell", class: "right", "data-name": m.size }, bytes(model.bytes)),
    el("td", { role: "cell", class: "right act" }, away),
  );
}

async function take(model) {
  if (!(await confirmed({ title: fit(m.removeTitle, { name: model.name }), words: m.removeWords, action: m.remove }))) return;
  const gone = await attempt("models", async () => {
    await remove(`/models/${encodeURIComponent(model.name)}`);
    return true;
  });
  if (gone === undefined) return;
  say(fit(m.removed, { name: model.name }));
  await load();
  byId("main").focus();
}

async function load() {
  await attempt("models", async () => {
    const items = await all("/models");
    byId("models").replaceChildren(...items.map(row));
    byId("none").hidden = items.length > 0;
    byId("none").textContent = m.none;
  });
}

const uploads = createUploads(byId("uploads"), {
  async done({ file, name }) {
    say(fit(m.checking, { name }));
    const model = await attempt("models", () => post("/models", { file }));
    if (model === undefined) return;
    say(fit(m.added, { name: model.name }));
    await load();
  },
});
byId("upload").addEventListener("change", (event) => {
  uploads.add(event.target.files);
  event.target.value = "";
});
await load();
