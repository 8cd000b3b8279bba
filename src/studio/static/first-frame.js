// A picture of the first frame with the style, by a session of the Lab.

import { byId } from "./dom.js";
import { nameOf } from "./format.js";
import { ask, isAbort, post, remove } from "./request.js";
import { show } from "./thumbs.js";
import { fit, t } from "./words.js";

const PAUSE = 700;
const LINES = 480;

/** Shows the first frame of `asked()`: {file, request, of}, where `of` is the number of looks that this is the first of; null for none. */
export function createFirstFrame(asked) {
  const figure = byId("first");
  const image = byId("first-picture");
  const words = byId("first-words");
  let request = new AbortController();
  let timer = 0;
  let last = "";

  async function draw({ of, ...what }) {
    request = new AbortController();
    const { signal } = request;
    figure.hidden = false;
    figure.classList.add("waiting");
    words.textContent = t.start.firstWaiting;
    let session = null;
    try {
      session = (await post("/lab", what, { signal, low: true })).id;
      const body = { frame: 0, lines: LINES, values: {}, pass: null, side: "result", draft: true };
      const blob = await ask("POST", `/lab/${session}/frame`, { body, as: "blob", low: true, signal });
      show(image, blob);
      image.hidden = false;
      image.alt = fit(t.start.firstAlt, { name: nameOf(what.file), style: what.request.style });
      words.textContent = fit(of > 1 ? t.start.firstOf : t.start.firstWords, { style: what.request.style, n: of });
      figure.classList.remove("waiting");
    } catch (error) {
      if (isAbort(error)) return;
      image.hidden = true;
      figure.classList.remove("waiting");
      words.textContent = fit(t.start.firstFailed, { why: error.message });
    } finally {
      // A session holds memory of the card.
      if (session !== null) remove(`/lab/${session}`).catch(() => {});
    }
  }

  return {
    /** Something has changed: draws again when it is at rest. */
    review() {
      const what = asked();
      const now = JSON.stringify(what);
      if (now === last) return;
      last = now;
      request.abort();
      clearTimeout(timer);
      if (what === null) figure.hidden = true;
      else timer = setTimeout(() => draw(what), PAUSE);
    },
  };
}
