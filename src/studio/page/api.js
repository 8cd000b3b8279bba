// The requests of the page. All addresses are relative, so that the page also works behind a proxy.

import { T } from "./texts.js";

/** What the server says is wrong, and what to do. */
export class Problem extends Error {
  constructor(status, title, detail) {
    super(title);
    this.status = status;
    this.detail = detail;
  }
}

async function ask(path, body, signal) {
  const request = { signal };
  if (body !== undefined) {
    request.method = "POST";
    request.headers = { "Content-Type": "application/json" };
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, request);
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

async function json(path, body, signal) {
  const answer = await ask(path, body, signal);
  return answer.json();
}

/** The style, its parameters and passes, the clip and the device. */
export const getStyle = (signal) => json("api/style", undefined, signal);

/** The picture of a frame as a blob, with what the server says about it. */
export async function getFrame(body, signal) {
  const answer = await ask("api/frame", body, signal);
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
export const getPixel = (body, signal) => json("api/pixel", body, signal);

/** The steps of the plan, and what flows between them. */
export const getPlan = (body, signal) => json("api/plan", body, signal);

/** The style as this browser's graphics card runs it. */
export const getBrowserStyle = (body, signal) => json("api/browser", body, signal);

/** The setting as a command line and as a preset. */
export const getCommand = (body) => json("api/command", body);

/** Saves the setting as a preset. */
export const savePreset = (body) => json("api/preset", body);

/**
 * Listens to the server: `style` when the style was loaded again, `bye` when the server ends, `open` when it is there,
 * `lost` when it is not. A hidden page does not listen: a browser has few connections for one server.
 */
export function listen({ style, bye, open, lost }) {
  let source = null;
  const start = () => {
    if (source !== null) return;
    source = new EventSource("api/events");
    source.addEventListener("open", open);
    source.addEventListener("error", lost);
    source.addEventListener("style", style);
    source.addEventListener("bye", bye);
  };
  const stop = () => {
    source?.close();
    source = null;
  };
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
