// Files may be dropped anywhere on the page.

import { byId } from "./dom.js";

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

/** Calls `act` with the files that were dropped. */
export function takeDrops(act) {
  const over = byId("drop-over");
  // Each element under the pointer has an event of its own; only the last that is left counts.
  let depth = 0;
  const show = (by) => {
    depth = Math.max(0, depth + by);
    over.hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => hasFiles(event) && show(1));
  addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over.hidden = true;
    // A folder has no type and no bytes that could be read.
    act([...event.dataTransfer.files].filter((file) => file.size > 0));
  });
}
