// Where a browser gets a file from: its own bytes, or a clip that the server makes of it.

import { address, get, post, withQuery } from "./request.js";
import { finished } from "./tasks.js";

const MOST_SECONDS = 20;
const LINES = 720;
const PICTURES = /\.(png|jpe?g|webp|gif|avif|tiff?|exr|bmp)$/i;
const OF_BROWSERS = /\.(png|jpe?g|webp|gif|avif)$/i;

/**
 * The address of a file for the browser: `{kind, src, start, clip}`. `start` is the time of the file that is shown first;
 * `clip` says that only a part is there. `part` is a part that is enough: {start, duration}.
 */
export async function playable(file, { signal, part = null, making = () => {} }) {
  if (PICTURES.test(file)) {
    const src = OF_BROWSERS.test(file) ? address("/files/content", { file }) : address("/files/picture", { file, lines: 2160 });
    return { kind: "picture", src, start: 0, clip: null };
  }
  const probe = await get(withQuery("/files/probe", { file }), { signal });
  const fps = probe?.video?.fps ?? null;
  if (probe.playable) return { kind: "video", src: address("/files/content", { file }), start: 0, clip: null, fps };
  const start = part?.start ?? 0;
  const duration = Math.min(MOST_SECONDS, part?.duration ?? probe.duration ?? MOST_SECONDS);
  making();
  const task = await finished(await post("/clips", { file, request: { style: "none" }, start, duration, lines: LINES }, { signal }), { signal });
  return { kind: "video", src: task.result.clip, start, clip: task.result.seconds, fps };
}
