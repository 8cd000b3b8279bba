// What the server tells by itself: one stream of events for the whole page.

const ADDRESS = "/api/v1/events";
const NAMES = ["style", "task", "settings", "reset", "bye"];

const listeners = new Map();
let source = null;

/** Calls `listener` with the data of every event `name`. Also `open` when the server is there, and `lost` when it is not. */
export function on(name, listener) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(listener);
  return () => listeners.get(name).delete(listener);
}

function tell(name, data) {
  for (const listener of [...(listeners.get(name) ?? [])]) listener(data);
}

function parsed(event) {
  try {
    return JSON.parse(event.data);
  } catch {
    return null;
  }
}

function start() {
  if (source !== null) return;
  source = new EventSource(ADDRESS);
  source.addEventListener("open", () => tell("open"));
  source.addEventListener("error", () => tell("lost"));
  for (const name of NAMES) source.addEventListener(name, (event) => tell(name, parsed(event)));
}

function stop() {
  source?.close();
  source = null;
}

/** Listens from now on. A hidden page does not: a browser has few connections for one server. */
export function listen() {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  // A browser gives up on an address that answers with an error; the page does not.
  setInterval(() => {
    if (source?.readyState === EventSource.CLOSED) {
      stop();
      start();
    }
  }, 3000);
  if (!document.hidden) start();
}
