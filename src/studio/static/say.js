// What a page says: problems in a panel, short messages that go by themselves, and words for screen readers.

import { byId, el } from "./dom.js";
import { t } from "./words.js";

const SHOWN_FOR = 6000;

const panel = byId("problems");
const toast = byId("toast");
const live = byId("live");
const problems = new Map();
let timer = 0;

/** Says something to people who use a screen reader. */
export function announce(text) {
  // The same words once more are only read when the text differs.
  live.textContent = live.textContent === text ? `${text}\u00a0` : text;
}

/** Shows a short message for some seconds, with a link where there is one. */
export function say(text, link = null) {
  announce(text);
  toast.replaceChildren(text, ...(link === null ? [] : [" ", link]));
  toast.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => {
    toast.hidden = true;
  }, SHOWN_FOR);
}

/**
 * Shows what is wrong, until it is mended. Each source has one problem at a time: what its `message` says, `detail`, the
 * `code` that somebody has to mend, and a `link` ({ href, words }).
 */
export function showProblem(from, { message, detail, code, link }) {
  // Errors of browsers have a number as code.
  const text = { title: message, detail: detail ?? "", code: typeof code === "string" ? code : "", link: link ?? null };
  if (JSON.stringify(problems.get(from)) === JSON.stringify(text)) return;
  problems.set(from, text);
  write();
}

/** The problem is mended. */
export function clearProblem(from) {
  if (problems.delete(from)) write();
}

// What two parts of the page have found, such as a server that is not there, is said once.
function distinct(all) {
  const gone = ({ detail }) => detail === t.common.unreachableDetail;
  const same = ([, a], [, b]) => a.title === b.title || (gone(a) && gone(b));
  return all.filter((one, at) => all.findIndex((other) => same(one, other)) === at);
}

function write() {
  const shown = distinct([...problems]);
  // Where a page has a word for it, a problem can be put away.
  const { close } = panel.dataset;
  panel.replaceChildren(
    ...shown.map(([from, { title, detail, code, link }]) =>
      el(
        "div",
        { class: "problem" },
        el(
          "div",
          {},
          el("strong", {}, title),
          link === null ? null : el("p", {}, el("a", { href: link.href }, link.words)),
          code === "" ? null : el("pre", { tabIndex: 0, role: "group", "aria-label": t.common.errorText }, code),
          detail === "" ? null : el("p", {}, detail),
        ),
        close === undefined ? null : el("button", { type: "button", onclick: () => clearProblem(from) }, close),
      ),
    ),
  );
  panel.hidden = shown.length === 0;
}

/** Does something for a person; what goes wrong is shown, and `undefined` comes back. */
export async function attempt(from, act) {
  try {
    const result = await act();
    clearProblem(from);
    return result;
  } catch (error) {
    if (error?.name === "AbortError") return undefined;
    showProblem(from, error);
    return undefined;
  }
}
