// Stars and a note for the clip of a setting.

import { el } from "/dom.js";
import { clearProblem, say, showProblem } from "/say.js";
import { saveRating } from "./api.js";
import { T } from "./words.js";
import { plainName } from "./sides.js";

const STARS = [1, 2, 3, 4, 5];

/** The fields of a setting's rating; `refresh` is given its clip, or null while there is none. */
export function ratingOf(id) {
  let clip = null;
  const group = `stars-${id}`;
  const inputs = STARS.map((count) =>
    el("input", { type: "radio", name: group, value: String(count), class: "unseen", onchange: () => mark(), "aria-label": T.stars(count) }),
  );
  const stars = el(
    "fieldset",
    { class: "stars" },
    el("legend", { class: "unseen" }),
    inputs.map((input, index) => el("label", { title: T.stars(STARS[index]) }, input, el("span", { "aria-hidden": "true" }, "★"))),
  );
  const note = el("input", { type: "text", class: "note", maxLength: 500, autocomplete: "off", placeholder: T.rating.note });
  const save = el("button", { type: "submit" }, T.rating.save);
  const told = el("span", { class: "unit" });
  const chosen = () => Number(inputs.find((input) => input.checked)?.value ?? 0);
  const element = el("form", { class: "rating", onsubmit: send }, stars, note, save, told);

  function mark() {
    const count = chosen();
    inputs.forEach((input, index) => input.parentElement.classList.toggle("on", index < count));
    save.disabled = clip === null || count === 0;
  }

  async function send(event) {
    event.preventDefault();
    const count = chosen();
    if (clip === null || count === 0) return;
    const name = plainName(id);
    save.disabled = true;
    try {
      const text = note.value.trim();
      const saved = await saveRating({ clip: clip.key, stars: count, note: text === "" ? null : text });
      clearProblem("rating");
      told.textContent = T.ratingShort(saved.stars, saved.ratings);
      say(T.ratingSaved(name, saved.stars, saved.ratings));
    } catch (error) {
      showProblem("rating", error);
    } finally {
      mark();
    }
  }

  function refresh(next) {
    // Another clip has other stars.
    if (next?.key !== clip?.key) {
      for (const input of inputs) input.checked = false;
      note.value = "";
      told.textContent = "";
    }
    clip = next;
    for (const field of [stars, note]) field.disabled = clip === null;
    const name = plainName(id);
    stars.firstElementChild.textContent = T.starsFor(name);
    note.setAttribute("aria-label", T.noteFor(name));
    save.setAttribute("aria-label", T.saveRatingFor(name));
    mark();
  }

  return { element, refresh };
}
