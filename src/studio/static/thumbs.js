// Small pictures: asked for when they come into sight, one at a time.

import { ask, isAbort } from "./request.js";

const waiting = new WeakMap();

const watch = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const of = waiting.get(target);
      if (of === undefined) continue;
      if (isIntersecting && of.request === null) load(target, of);
      // What has left the sight again before its turn would only be in the way.
      if (!isIntersecting && of.request !== null) {
        of.request.abort();
        of.request = null;
      }
    }
  },
  { rootMargin: "200px" },
);

async function load(image, of) {
  const request = new AbortController();
  of.request = request;
  try {
    show(image, await ask("GET", of.path, { as: "blob", low: true, signal: request.signal }));
  } catch (error) {
    if (isAbort(error)) return;
    image.classList.add("missing");
  }
  watch.unobserve(image);
  waiting.delete(image);
}

/** Shows a picture that has come. */
export function show(image, blob) {
  drop(image);
  image.src = URL.createObjectURL(blob);
  image.classList.remove("missing");
}

/** Gives the memory of a picture back. */
export function drop(image) {
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
}

/** Loads `path` into `image` once it is in sight. */
export function lazily(image, path) {
  waiting.set(image, { path, request: null });
  watch.observe(image);
  return image;
}

/** Forgets the pictures in `part`, which is going away. */
export function forget(part) {
  for (const image of part.querySelectorAll("img")) {
    watch.unobserve(image);
    waiting.get(image)?.request?.abort();
    waiting.delete(image);
    drop(image);
  }
}
