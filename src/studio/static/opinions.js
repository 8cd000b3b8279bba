// What people think of outputs: stars with a note, and which of two is better.

import { el } from "./dom.js";
import { get, post } from "./request.js";
import { announce, attempt, say } from "./say.js";
import { fit, t } from "./words.js";

const r = t.results;

async function starsOf(name) {
  try {
    const { items } = await get("/ratings");
    return items.find((one) => one.name === name)?.stars ?? null;
  } catch {
    return null;
  }
}

/** A form that rates an output. */
export function ratingForm(output) {
  const wrong = el("p", { class: "wrong", role: "alert" });
  const note = el("input", { type: "text", id: "note", placeholder: r.notePlaceholder });
  const boxes = r.stars.map((label, at) => {
    const box = el("input", { type: "radio", name: "stars", value: String(at + 1), "aria-label": label });
    return el("label", { class: "star", title: label }, box, el("span", { "aria-hidden": "true" }, "★"));
  });
  const form = el(
    "form",
    { class: "rating", autocomplete: "off" },
    el("fieldset", { class: "stars" }, el("legend", { class: "unseen" }, r.rate), boxes),
    el("label", { class: "note-field", for: "note" }, el("span", { class: "unseen" }, r.note), note),
    el("button", { type: "submit" }, r.save),
    wrong,
  );
  const show = (stars) => {
    form.dataset.stars = String(Math.round(stars));
    for (const [at, label] of boxes.entries()) label.classList.toggle("lit", at < Math.round(stars));
  };
  form.addEventListener("change", (event) => event.target.name === "stars" && show(Number(event.target.value)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const stars = Number(form.elements.stars.value);
    wrong.textContent = stars === 0 ? r.noStars : "";
    if (stars === 0) return;
    const saved = await attempt("rating", () => post("/ratings", { output: output.file, stars, note: note.value.trim() || null }));
    if (saved === undefined) return;
    note.value = "";
    say(r.rated);
  });
  starsOf(output.name).then((stars) => {
    if (stars === null) return;
    show(stars);
    const box = form.querySelector(`input[value="${Math.round(stars)}"]`);
    if (box !== null) box.checked = true;
  });
  return el("section", { class: "block" }, el("h3", {}, r.rate), form, el("p", { class: "help" }, r.rateHelp));
}

/** Chooses the output that this one is compared with; `changed` is called with it, or null for the source. */
export function preferenceForm(output, others, changed) {
  if (others.length === 0) return null;
  const choice = el("select", { id: "prefer-with" }, el("option", { value: "" }, r.preferNone), others.map((other) => el("option", { value: other.file }, `${other.style} (${other.name})`)));
  const other = () => others.find(({ file }) => file === choice.value) ?? null;
  const save = (better, worse, tie) =>
    attempt("preference", async () => {
      await post("/preferences", { better, other: worse, tie, note: null });
      say(r.preferred);
    });
  const buttons = el(
    "div",
    { class: "buttons", hidden: true },
    el("button", { type: "button", onclick: () => save(other().file, output.file, false) }, r.preferA),
    el("button", { type: "button", onclick: () => save(output.file, other().file, false) }, r.preferB),
    el("button", { type: "button", onclick: () => save(output.file, other().file, true) }, r.preferTie),
  );
  choice.addEventListener("change", () => {
    buttons.hidden = other() === null;
    changed(other());
    announce(other() === null ? r.preferNone : fit(r.show, { name: other().name }));
  });
  return el("section", { class: "block" }, el("h3", {}, r.prefer), el("label", { class: "line-field", for: "prefer-with" }, r.preferWith, choice), el("p", { class: "help" }, r.preferHelp), buttons);
}
