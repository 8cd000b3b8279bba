// The requests of the page.

import { T } from "./words.js";

const BASE = "/api/v1";
const TOKEN = document.querySelector('meta[name="csrf"]')?.content ?? "";

let session = "";

/** The session that the requests of the Lab are for. */
export const sessionId = () => session;

/** Works on this session from now on. */
export function useSession(id) {
  session = id;
}

/** What the server says is wrong, and what to do. */
export class Problem extends Error {
  constructor(status, title, detail) {
    super(title);
    this.status = status;
    this.detail = detail;
  }
}

async function ask(path, { method, body, headers, signal } = {}) {
  const request = { signal, method: method ?? (body === undefined ? "GET" : "POST"), headers: { ...headers } };
  if (request.method !== "GET") request.headers["X-CSRF-Token"] = TOKEN;
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(BASE + path, request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, T.unreachable, T.unreachableDetail);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function problemOf(answer) {
  const text = await answer.text();
  try {
    const problem = JSON.parse(text);
    return new Problem(answer.status, problem.title ?? T.requestFailed(answer.status), problem.detail ?? "");
  } catch {
    return new Problem(answer.status, T.requestFailed(answer.status), text);
  }
}

async function json(path, options) {
  const answer = await ask(path, options);
  return answer.json();
}

const lab = (name) => `/lab/${encodeURIComponent(session)}/${name}`;

/** All items of a list, page by page. */
async function all(path) {
  const items = [];
  let cursor = null;
  do {
    const address = new URLSearchParams({ limit: "500", ...(cursor === null ? {} : { cursor }) });
    const page = await json(`${path}?${address}`);
    items.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return items;
}

// Sessions.

/** The folders that the studio may read. */
export const getRoots = () => all("/roots");

/** A page of the media in a folder. */
export function getFiles(folder, cursor) {
  const address = new URLSearchParams({ folder, kind: "media", limit: "200" });
  if (cursor !== null) address.set("cursor", cursor);
  return json(`/files?${address}`);
}

/** The styles that there are. */
export const getStyles = () => all("/styles");

/** The sessions that are open. */
export const getSessions = () => all("/lab");

/** Opens a session. */
export const openSession = (body) => json("/lab", { body });

// Pictures of the session.

/** The style, its parameters and passes, the clip and the device. */
export const getStyle = (signal) => json(lab("style"), { signal });

/** The picture of a frame as a blob, with what the server says about it. */
export async function getFrame(body, signal) {
  const answer = await ask(lab("frame"), { body, signal });
  const of = (name) => {
    const text = answer.headers.get(name);
    return text === null || text === "" ? null : Number(text);
  };
  const about = {
    lines: of("X-Lines"),
    milliseconds: of("X-Milliseconds"),
    version: of("X-Version"),
    framesBefore: of("X-Frames-Before"),
    black: of("X-Black"),
    white: of("X-White"),
  };
  return { blob: await answer.blob(), ...about };
}

/** The exact values of a pixel. */
export const getPixel = (body, signal) => json(lab("pixel"), { body, signal });

/** The steps of the plan, and what flows between them. */
export const getPlan = (body, signal) => json(lab("plan"), { body, signal });

/** The style as this browser's graphics card runs it. */
export const getBrowserStyle = (body, signal) => json(lab("browser"), { body, signal });

/** The setting as a command line and as a preset. */
export const getCommand = (body) => json(lab("command"), { body });

/** Saves the setting as a preset. */
export const savePreset = (body) => json(lab("preset"), { body });

// Clips, votes and jobs.

/** Asks for a clip that plays; the answer is its task. */
export const askClip = (body) => json("/clips", { body });

/** A task with its result. */
export const getTask = (id, signal) => json(`/tasks/${encodeURIComponent(id)}`, { signal });

/** Cancels a task. */
export const cancelTask = (id) => ask(`/tasks/${encodeURIComponent(id)}`, { method: "DELETE" });

/** Saves stars and a note. */
export const saveRating = (body) => json("/ratings", { body });

/** Saves which of two clips is better. */
export const savePreference = (body) => ask("/preferences", { body });

/** Adds jobs to the queue. The same `key` again adds nothing. */
export const addJob = (body, key) => json("/jobs", { body, headers: { "Idempotency-Key": key } });
