// The events of the server: one connection for each tab, none while nobody looks at it.

import { t } from "./words.js";
import { leaveRoom } from "./request.js";
import { clearProblem, showProblem } from "./say.js";

const KINDS = ["job", "removed", "progress", "queue", "task", "training", "hardware", "style", "watch", "settings"];
const LOOK_AFTER = 3000;

const listeners = new Map();
const refetchers = new Set();
const openers = new Set();
const reasons = new Set();
let source = null;
let staysWhileHidden = () => false;
let ended = false;

/** Calls `act` with each event of a kind. Gives a function that ends it. */
export function on(kind, act) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(act);
  return () => listeners.get(kind).delete(act);
}

/** Calls `act` whenever the server is there again. */
export function onOpen(act) {
  openers.add(act);
}

/** Calls `act` when events may have been missed, so that all must be asked for again. */
export function onGap(act) {
  refetchers.add(act);
}

/** A tab that tells people about jobs listens while it is hidden, too. */
export function stayWhileHidden(test) {
  staysWhileHidden = test;
  review();
}

/** No events while something else, such as two videos, needs the connections. */
export function suspend(reason) {
  reasons.add(reason);
  leaveRoom(true);
  review();
}

export function goOn(reason) {
  reasons.delete(reason);
  leaveRoom(reasons.size > 0);
  review();
}

/** Opens or closes the connection, as it should be now. */
export function review() {
  const wanted = reasons.size === 0 && (!document.hidden || staysWhileHidden());
  if (wanted && source === null) open(true);
  if (!wanted && source !== null) close();
}

function gap() {
  for (const act of refetchers) act();
}

let isFirst = true;

function open(missed) {
  source = new EventSource("/api/v1/events");
  const mine = source;
  source.addEventListener("open", () => {
    clearProblem("feed");
    // The browser resumes by itself after a short break; a new connection does not know what it has missed.
    if ((missed && !isFirst) || ended) gap();
    for (const act of openers) act();
    missed = false;
    isFirst = false;
    ended = false;
  });
  source.addEventListener("error", () => {
    if (mine === source && !ended) showProblem("feed", { message: t.common.unreachable, detail: t.common.unreachableDetail });
  });
  source.addEventListener("reset", gap);
  source.addEventListener("bye", () => {
    ended = true;
    showProblem("feed", { message: t.common.ended, detail: t.common.unreachableDetail });
  });
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      const acts = listeners.get(kind);
      if (acts === undefined) return;
      const data = JSON.parse(event.data);
      for (const act of acts) act(data);
    });
  }
}

function close() {
  source.close();
  source = null;
}

document.addEventListener("visibilitychange", review);
// Without this, a page that is left and comes back out of the browser's memory has no events.
addEventListener("pagehide", () => source !== null && close());
addEventListener("pageshow", (event) => event.persisted && review());
// A browser gives up on an address that answers with an error; the page does not.
setInterval(() => {
  if (source?.readyState !== EventSource.CLOSED) return;
  close();
  review();
}, LOOK_AFTER);
review();
