// What the page says: errors in a panel, short messages that go by themselves, and words for screen readers.

import { T } from "./words.js";
import { byId, el } from "./dom.js";

const SHOWN_FOR = 6000;

const panel = byId("problems");
const toast = byId("toast");
const live = byId("live");

// What is wrong now, by where it comes from.
const problems = new Map();
let toastTimer = 0;

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
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    toast.hidden = true;
  }, SHOWN_FOR);
}

/** Shows what is wrong, until it is mended. `from` says where it comes from: each source has one problem at a time. */
export function showProblem(from, problem) {
  const text = { title: problem.message, detail: problem.detail ?? "", code: problem.code ?? "", link: problem.link ?? "" };
  const before = problems.get(from);
  if (before !== undefined && before.title === text.title && before.detail === text.detail && before.code === text.code) return;
  problems.set(from, text);
  write();
}

/** The problem is mended. */
export function clearProblem(from) {
  if (problems.delete(from)) write();
}

// What two parts of the page have found, such as a server that is not there, is said once.
function distinct(all) {
  const gone = ({ detail }) => detail === T.unreachableDetail;
  const same = (a, b) => a.title === b.title || (gone(a) && gone(b));
  return all.filter((one, at) => all.findIndex((other) => same(one, other)) === at);
}

function write() {
  // A new alert is read aloud; the same text again would be, too, so only what changed is replaced.
  panel.replaceChildren(
    ...distinct([...problems.values()]).map(({ title, detail, code, link }) =>
      el(
        "div",
        { class: "problem" },
        el("strong", {}, title),
        link === "" ? null : el("p", {}, el("a", { href: link }, T.start.title)),
        code === "" ? null : el("pre", { tabIndex: 0, role: "group", "aria-label": T.errorText }, code),
        detail === "" ? null : el("p", {}, detail),
      ),
    ),
  );
  panel.hidden = problems.size === 0;
}
