// The order of waiting jobs: by dragging, by buttons, and by keys on the handle.

import { announce } from "./say.js";
import { fit, t } from "./words.js";

/** Watches `list`. `move(job, target, where)` is called to move a job `before` or `after` another one. */
export function createOrder(list, move) {
  let dragged = null;
  let target = null;

  const shown = () => [...list.children].filter((row) => !row.hidden && row.draggable);

  function mark(row, where) {
    if (target !== null && target.row !== row) target.row.removeAttribute("data-drop");
    target = row === null ? null : { row, where };
    if (row !== null) row.dataset.drop = where;
  }

  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".job");
    if (dragged === null || event.target.closest("details")) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.job.name);
    dragged.classList.add("dragged");
  });
  list.addEventListener("dragover", (event) => {
    const row = event.target.closest(".job");
    if (dragged === null || row === null) return;
    event.preventDefault();
    const box = row.getBoundingClientRect();
    mark(row === dragged ? null : row, event.clientY < box.top + box.height / 2 ? "before" : "after");
  });
  list.addEventListener("drop", (event) => {
    if (dragged === null || target === null) return;
    event.preventDefault();
    move(dragged.job, target.row.job, target.where);
  });
  list.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    mark(null);
    dragged = null;
  });

  /** Moves a row by places, or to an end. */
  function step(row, to) {
    const rows = shown();
    const at = rows.indexOf(row);
    const place = { up: at - 1, down: at + 1, top: 0, last: rows.length - 1 }[to];
    if (at < 0 || place === undefined || place < 0 || place >= rows.length || place === at) return;
    move(row.job, rows[place].job, place < at ? "before" : "after");
    announce(fit(t.queue.moved, { name: row.job.name, place: place + 1, all: rows.length }));
  }

  list.addEventListener("keydown", (event) => {
    const handle = event.target.closest(".handle");
    const to = { ArrowUp: "up", ArrowDown: "down", Home: "top", End: "last" }[event.key];
    if (handle === null || to === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step(handle.closest(".job"), to);
  });
  return { step };
}
