// The newest frame of each job that runs, while somebody looks at it.

import { ask } from "./request.js";
import { show } from "./thumbs.js";

const EVERY = 2000;
const LINES = 180;

// Jobs of the command line are rendered by another process, which shows no pictures.
const hasPicture = ({ state, read_only: isOther, progress }) => !isOther && (state === "running" || state === "pausing") && (progress?.frame ?? 0) > 0;

/** Shows pictures in the rows of `list` from now on. */
export function followPictures(list) {
  const seen = new Set();
  const asked = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) seen.add(target); else seen.delete(target);
  });
  new MutationObserver((changes) => {
    for (const { addedNodes, removedNodes } of changes) {
      for (const row of addedNodes) watch.observe(row);
      for (const row of removedNodes) {
        if (row.parentNode === list) continue;
        watch.unobserve(row);
        seen.delete(row);
      }
    }
  }).observe(list, { childList: true });

  async function load(row) {
    if (asked.has(row)) return;
    asked.add(row);
    try {
      const blob = await ask("GET", `/jobs/${row.job.id}/picture?lines=${LINES}`, { as: "blob", low: true });
      show(row.parts.picture, blob);
      row.parts.picture.hidden = false;
    } catch {
      // There is none yet.
    }
    asked.delete(row);
  }

  setInterval(() => {
    if (document.hidden) return;
    for (const row of seen) if (hasPicture(row.job)) load(row);
  }, EVERY);
}
