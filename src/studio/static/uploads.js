// Files that are sent to the studio: one after the other, in parts, with a row for each.

import { el } from "./dom.js";
import { bytes, percent } from "./format.js";
import { announce } from "./say.js";
import { discard, kept, send } from "./upload-parts.js";
import { fit, t } from "./words.js";

/** Shows uploads in `list`. `done` is called with each file when it is complete. */
export function createUploads(list, { done, changed = () => {} }) {
  const rows = new Map();
  let working = false;

  function row(name, size) {
    const key = `${name}:${size}`;
    if (rows.has(key)) return rows.get(key);
    const words = el("span", { class: "quiet" });
    const bar = el("progress", { max: size, value: 0, "aria-label": fit(t.upload.progress, { name }) });
    const hold = el("button", { type: "button" }, t.upload.pause);
    const away = el("button", { type: "button" }, t.upload.discard);
    const shown = el("li", { class: "upload" }, el("span", { class: "name" }, name), words, bar, el("span", { class: "buttons" }, hold, away));
    const of = { key, name, size, file: null, state: "left", offset: 0, request: null, words, bar, hold, away, shown };
    hold.addEventListener("click", () => (of.state === "paused" ? resume(of) : pause(of)));
    away.addEventListener("click", () => throwAway(of));
    rows.set(key, of);
    list.append(shown);
    list.hidden = false;
    return of;
  }

  function drop(of) {
    of.request?.abort();
    rows.delete(of.key);
    of.shown.remove();
    list.hidden = rows.size === 0;
    changed();
  }

  function pause(of) {
    of.state = "paused";
    of.request?.abort();
    write(of);
    next();
  }

  function resume(of) {
    of.state = "waiting";
    write(of);
    next();
  }

  async function throwAway(of) {
    drop(of);
    await discard(of.name, of.size);
    next();
  }

  function write(of, note = "") {
    const share = of.size === 0 ? 1 : of.offset / of.size;
    const words = {
      left: () => fit(t.upload.left, { percent: percent(share) }),
      waiting: () => t.upload.waiting,
      paused: () => fit(t.upload.paused, { percent: percent(share) }),
      sending: () => fit(t.upload.sent, { percent: percent(share), done: bytes(of.offset), bytes: bytes(of.size) }),
      failed: () => "",
    };
    of.words.textContent = [words[of.state](), note].filter((part) => part !== "").join(" · ");
    of.words.className = of.state === "failed" ? "wrong" : "quiet";
    of.bar.value = of.offset;
    of.hold.textContent = of.state === "paused" ? t.upload.resume : t.upload.pause;
    of.hold.hidden = of.state === "left" || of.state === "failed";
  }

  async function next() {
    if (working) return;
    const of = [...rows.values()].find((one) => one.state === "waiting");
    if (of === undefined) return;
    working = true;
    of.state = "sending";
    of.request = new AbortController();
    write(of);
    try {
      const file = await send(of.file, {
        signal: of.request.signal,
        progress(offset, speed) {
          of.offset = offset;
          write(of, speed > 0 ? fit(t.upload.speed, { bytes: bytes(speed) }) : "");
        },
        waits: (seconds) => write(of, fit(t.upload.again, { seconds })),
      });
      drop(of);
      announce(fit(t.upload.finished, { name: of.name }));
      await done({ file, name: of.name, bytes: of.size });
    } catch (error) {
      if (error.name !== "AbortError") {
        of.state = "failed";
        write(of, `${error.message}. ${error.detail ?? ""}`);
      }
    }
    working = false;
    changed();
    next();
  }

  for (const { name, size, offset } of kept()) {
    const of = row(name, size);
    of.offset = offset;
    write(of);
  }

  return {
    add(files) {
      for (const file of files) {
        const of = row(file.name, file.size);
        of.file = file;
        if (of.state !== "sending") of.state = "waiting";
        write(of);
      }
      changed();
      next();
    },
    /** Whether something is still being sent. */
    busy: () => [...rows.values()].some((of) => of.state === "waiting" || of.state === "sending"),
  };
}
