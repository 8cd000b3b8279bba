// Sends one file in parts. What was sent is kept by name and size, so that it goes on after the page was loaded again.

import { ask, get, post, remove } from "./request.js";

const PREFIX = "upload:";
const FIRST_WAIT = 1;
const MOST_WAIT = 30;

const keyOf = (name, size) => `${PREFIX}${name}:${size}`;

function remember(name, size, id, offset, part) {
  try {
    localStorage.setItem(keyOf(name, size), JSON.stringify({ name, size, id, offset, part }));
  } catch {
    // Then it begins again after the page was loaded again.
  }
}

function recall(name, size) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name, size)));
  } catch {
    return null;
  }
}

/** Forgets what was sent of a file. */
export function forgetUpload(name, size) {
  try {
    localStorage.removeItem(keyOf(name, size));
  } catch {
    // Nothing was kept.
  }
}

/** The uploads that were not finished. */
export function kept() {
  const names = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  return names.flatMap((key) => {
    try {
      return [JSON.parse(localStorage.getItem(key))];
    } catch {
      return [];
    }
  });
}

/** Throws away what was sent of a file. */
export async function discard(name, size) {
  const before = recall(name, size);
  forgetUpload(name, size);
  if (before === null) return;
  try {
    await remove(`/uploads/${before.id}`);
  } catch {
    // The server forgets what is never finished by itself.
  }
}

async function begin(file, signal) {
  const before = recall(file.name, file.size);
  if (before !== null) {
    try {
      const { offset } = await get(`/uploads/${before.id}`, { signal });
      return { id: before.id, offset, part: before.part };
    } catch (error) {
      if (error.status !== 404) throw error;
    }
  }
  const made = await post("/uploads", { name: file.name, bytes: file.size }, { signal });
  return { id: made.id, offset: made.offset, part: made.chunk_bytes };
}

const sleep = (seconds, signal) =>
  new Promise((done, refuse) => {
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      refuse(signal.reason);
    });
  });

/** Sends a file and gives its name there. `progress` gets the bytes sent and the speed, `waits` the seconds to the next try. */
export async function send(file, { signal, progress, waits }) {
  let wait = FIRST_WAIT;
  for (;;) {
    try {
      return await sendParts(file, signal, progress, () => {
        wait = FIRST_WAIT;
      });
    } catch (error) {
      // Only a connection that broke, or a server that was busy, is worth another try.
      if (error.name === "AbortError" || (error.status !== 0 && error.status !== 503)) {
        if (error.name !== "AbortError") forgetUpload(file.name, file.size);
        throw error;
      }
      waits(wait);
      await sleep(wait, signal);
      wait = Math.min(MOST_WAIT, wait * 2);
    }
  }
}

async function sendParts(file, signal, progress, moved) {
  const { id, offset: from, part = 8 * 1024 * 1024 } = await begin(file, signal);
  let offset = from;
  remember(file.name, file.size, id, offset, part);
  progress(offset, 0);
  for (;;) {
    const began = performance.now();
    const before = offset;
    let answer;
    try {
      answer = await ask("PATCH", `/uploads/${id}`, { body: file.slice(offset, offset + part), headers: { "Upload-Offset": String(offset) }, signal });
    } catch (error) {
      // The server knows better what it has.
      if (error.status !== 409 || !Number.isFinite(error.body?.offset)) throw error;
      offset = error.body.offset;
      continue;
    }
    offset = answer.offset;
    moved();
    progress(offset, (offset - before) / Math.max(0.001, (performance.now() - began) / 1000));
    if (answer.file !== undefined) {
      forgetUpload(file.name, file.size);
      return answer.file;
    }
    remember(file.name, file.size, id, offset, part);
  }
}
