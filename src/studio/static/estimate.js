// How long a render will take and how large it will be.

import { byId } from "./dom.js";
import { bytes, span } from "./format.js";
import { isAbort, post } from "./request.js";
import { fit, t } from "./words.js";

// An estimate renders a little. Of a small file that is quick enough to do without being asked.
const SMALL = 60 * 1000 * 1000;
const PAUSE = 900;

/** Shows estimates; `asked` gives the files (with their bytes) and the request, or null when something is missing. */
export function createEstimate(asked, shown) {
  const facts = byId("estimate-facts");
  const how = byId("estimate-how");
  const button = byId("estimate");
  let request = new AbortController();
  let timer = 0;

  function write(seconds, size, words) {
    byId("estimate-time").textContent = fit(t.start.about, { value: span(seconds) });
    byId("estimate-bytes").textContent = fit(t.start.about, { value: bytes(size) });
    how.textContent = fit(t.start.estimateHow, { how: words });
    facts.hidden = false;
  }

  async function ask() {
    const what = asked();
    if (what === null) return;
    request.abort();
    request = new AbortController();
    const { signal } = request;
    button.disabled = true;
    facts.hidden = true;
    try {
      let seconds = 0;
      let size = 0;
      let words = "";
      for (const [at, { file }] of what.files.entries()) {
        how.textContent = what.files.length === 1 ? t.start.estimating : fit(t.start.estimatePart, { n: at + 1, all: what.files.length });
        const answer = await post("/estimates", { file, request: what.request }, { signal, low: true });
        seconds += answer.seconds;
        size += answer.bytes;
        words = answer.how;
        shown(answer, file);
      }
      write(seconds, size, words);
    } catch (error) {
      if (isAbort(error)) return;
      how.textContent = `${error.message}. ${error.detail ?? ""}`;
    } finally {
      if (!signal.aborted) button.disabled = asked() === null;
    }
  }

  button.addEventListener("click", ask);
  return {
    /** Something has changed: what was estimated is not true any more. */
    review() {
      request.abort();
      clearTimeout(timer);
      facts.hidden = true;
      how.textContent = "";
      const what = asked();
      button.disabled = what === null;
      if (what !== null && what.files.length === 1 && what.files[0].bytes <= SMALL) timer = setTimeout(ask, PAUSE);
    },
  };
}
