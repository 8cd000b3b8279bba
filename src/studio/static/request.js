// Requests to the server. A browser keeps few connections open for one server, so that no more than two requests run at
// a time beside the events, and of those that may wait (pictures, estimates) no more than one.

import { t, fit } from "./words.js";

const BASE = "/api/v1";
const MOST = 2;
const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";

const waiting = [];
let most = MOST;
let running = 0;
let runningLow = 0;

/** What the server says is wrong, and what to do. */
export class Problem extends Error {
  constructor(status, title, detail = "", topic = null, body = {}) {
    super(title);
    this.status = status;
    this.detail = detail;
    this.topic = topic;
    this.body = body;
  }
}

function next() {
  while (running < most) {
    let at = waiting.findIndex((one) => !one.low);
    if (at < 0 && runningLow === 0) at = waiting.length > 0 ? 0 : -1;
    if (at < 0) return;
    const [one] = waiting.splice(at, 1);
    if (one.signal?.aborted) {
      one.refuse(one.signal.reason);
      continue;
    }
    running += 1;
    if (one.low) runningLow += 1;
    one.begin();
  }
}

function turn(low, signal) {
  return new Promise((begin, refuse) => {
    waiting.push({ low, signal, begin, refuse });
    next();
  });
}

async function problemOf(answer) {
  const text = await answer.text();
  try {
    const body = JSON.parse(text);
    return new Problem(answer.status, body.title ?? fit(t.common.answered, { status: answer.status }), body.detail ?? "", body.topic ?? null, body);
  } catch {
    return new Problem(answer.status, fit(t.common.answered, { status: answer.status }), text.slice(0, 300));
  }
}

/** Asks the server, and reads all of the answer: `as` is `json`, `blob`, `whole` (its `headers`, and its `blob`) or `none`. */
export async function ask(method, path, { body, headers = {}, signal, low = false, as = "json" } = {}) {
  const init = { method, signal, headers: { ...headers } };
  if (method !== "GET") init.headers["X-CSRF-Token"] = csrf;
  if (body instanceof Blob) {
    init.body = body;
    init.headers["Content-Type"] = "application/octet-stream";
  } else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  await turn(low, signal);
  try {
    const answer = await fetch(path.startsWith("/api/") ? path : BASE + path, init);
    if (!answer.ok) throw await problemOf(answer);
    if (as === "none" || answer.status === 204) return null;
    if (as === "json") return await answer.json();
    const blob = await answer.blob();
    return as === "blob" ? blob : { blob, headers: answer.headers };
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(0, t.common.unreachable, t.common.unreachableDetail);
    throw error;
  } finally {
    running -= 1;
    if (low) runningLow -= 1;
    next();
  }
}

export const get = (path, more) => ask("GET", path, more);
export const post = (path, body = {}, more) => ask("POST", path, { body, ...more });
export const patch = (path, body, more) => ask("PATCH", path, { body, ...more });
export const remove = (path, more) => ask("DELETE", path, { as: "none", ...more });

/** Lets so many requests run at a time: where they are for a picture that changes under the hand, none may hold up the others. */
export function letRun(count) {
  most = count;
  next();
}

/** Takes one connection less while something else needs it. */
export function leaveRoom(isNeeded) {
  most = isNeeded ? MOST - 1 : MOST;
  next();
}

/** A path with a query; what is null is left out. */
export function withQuery(path, query) {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}

/** All items of a list, a page after the other; `each` gets them as they come. */
export async function all(path, query = {}, { signal, each } = {}) {
  const items = [];
  let cursor = null;
  do {
    const page = await get(withQuery(path, { limit: 500, ...query, cursor }), { signal });
    items.push(...page.items);
    each?.(page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

/** Whether a request ended because nobody wants it any more. */
export const isAbort = (error) => error?.name === "AbortError";

/** The address of a request, for pictures, videos and links. */
export const address = (path, query = {}) => BASE + withQuery(path, query);
