// The requests of the Lab.

import { all, get, letRun, post, remove, withQuery } from "/request.js";

letRun(4);

let session = "";

/** Works on this session from now on. */
export function useSession(id) {
  session = id;
}

/** The session that the requests of the Lab are for. */
export const sessionId = () => session;

const lab = (name) => `/lab/${encodeURIComponent(session)}/${name}`;

// Sessions.

/** The folders that the studio may read. */
export const getRoots = () => all("/roots");

/** A page of the media in a folder. */
export const getFiles = (folder, cursor) => get(withQuery("/files", { folder, kind: "media", limit: 200, cursor }));

/** The styles that there are. */
export const getStyles = () => all("/styles");

/** The sessions that are open. */
export const getSessions = () => all("/lab");

/** Opens a session. */
export const openSession = (body) => post("/lab", body);

// Pictures of the session.

/** The style, its parameters and passes, the clip and the device. */
export const getStyle = (signal) => get(lab("style"), { signal });

/** The picture of a frame as a blob, with what the server says about it. */
export async function getFrame(body, signal) {
  const { blob, headers } = await post(lab("frame"), body, { signal, as: "whole" });
  const of = (name) => {
    const text = headers.get(name);
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
  return { blob, ...about };
}

/** The exact values of a pixel. */
export const getPixel = (body, signal) => post(lab("pixel"), body, { signal });

/** The steps of the plan, and what flows between them. */
export const getPlan = (body, signal) => post(lab("plan"), body, { signal });

/** The style as this browser's graphics card runs it. */
export const getBrowserStyle = (body, signal) => post(lab("browser"), body, { signal });

/** The setting as a command line and as a preset. */
export const getCommand = (body) => post(lab("command"), body);

/** Saves the setting as a preset. */
export const savePreset = (body) => post(lab("preset"), body);

// Clips, votes and jobs.

/** Asks for a clip that plays; the answer is its task. */
export const askClip = (body) => post("/clips", body);

/** Cancels a task. */
export const cancelTask = (id) => remove(`/tasks/${encodeURIComponent(id)}`);

/** Saves stars and a note. */
export const saveRating = (body) => post("/ratings", body);

/** Saves which of two clips is better. */
export const savePreference = (body) => post("/preferences", body);

/** Adds jobs to the queue. The same `key` again adds nothing. */
export const addJob = (body, key) => post("/jobs", body, { headers: { "Idempotency-Key": key } });
