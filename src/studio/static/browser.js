// A browser of the folders that the studio may read: a table for pointer and keyboard.

import { browserRow } from "./browser-row.js";
import { el, icon } from "./dom.js";
import { bytes } from "./format.js";
import { get, isAbort, withQuery } from "./request.js";
import { announce } from "./say.js";
import { forget } from "./thumbs.js";
import { fit, t } from "./words.js";

/**
 * Builds a browser into `host`. `multi`: several files may be chosen; `folders`: only folders are shown.
 * `accept` says which files may be chosen. `changed` is called with the chosen items when they change, `moved` with the folder.
 */
export function createBrowser(host, { multi = true, folders = false, kind = "media", accept = () => true, changed = () => {}, moved = () => {} }) {
  const chosen = new Map();
  let folder = "";
  let parent = null;
  let cursor = null;
  let request = new AbortController();

  const roots = el("div", { class: "group wrap", role: "group", "aria-label": t.browser.folders });
  const path = el("p", { class: "path" });
  const up = el("button", { type: "button", class: "icon-button", onclick: () => open(parent, true) }, icon("up"));
  const every = el("input", { type: "checkbox", "aria-label": t.browser.all, title: t.browser.all, onchange: () => chooseAll(every.checked) });
  const body = el("tbody", { onkeydown: keys });
  const heading = (text, name = "") => el("th", { scope: "col", class: name }, text);
  const table = el(
    "table",
    { class: "files" },
    el("caption", { class: "unseen" }, t.browser.help),
    el(
      "thead",
      {},
      el("tr", {}, el("th", { class: "pick" }, multi && !folders ? every : el("span", { class: "unseen" }, t.browser.pick)), heading(t.browser.name), heading(t.browser.bytes, "right"), heading(t.browser.changed, "changed")),
    ),
    body,
  );
  const empty = el("p", { class: "empty", hidden: true }, t.browser.empty);
  const more = el("button", { type: "button", hidden: true, onclick: () => load(true) }, t.common.more);
  const wrong = el("p", { class: "wrong", role: "alert" });
  host.replaceChildren(
    roots,
    el("div", { class: "path-line" }, up, path),
    wrong,
    el("div", { class: "scroll files-scroll", tabIndex: -1 }, table, empty, more),
    el("p", { class: "help keys-help" }, t.browser.help),
  );

  const boxes = () => [...body.querySelectorAll("input")];

  function choose(item, on) {
    if (!multi) chosen.clear();
    if (on) chosen.set(item.file, item);
    else chosen.delete(item.file);
    showChosen();
    changed([...chosen.values()]);
  }

  function chooseAll(on) {
    for (const box of boxes()) if (on) chosen.set(box.item.file, box.item); else chosen.delete(box.item.file);
    showChosen();
    changed([...chosen.values()]);
  }

  function showChosen() {
    const all = boxes();
    for (const box of all) box.checked = chosen.has(box.item.file);
    every.checked = all.length > 0 && all.every((box) => box.checked);
    every.indeterminate = !every.checked && all.some((box) => box.checked);
    every.disabled = all.length === 0;
  }

  async function open(to, focus = false) {
    folder = to;
    await load(false);
    moved(folder);
    if (focus) body.querySelector("input, button")?.focus();
    announce(folder);
  }

  async function load(isMore) {
    request.abort();
    request = new AbortController();
    const { signal } = request;
    wrong.textContent = "";
    try {
      const page = await get(withQuery("/files", { folder, kind, limit: 200, cursor: isMore ? cursor : null }), { signal });
      if (!isMore) {
        forget(body);
        body.replaceChildren();
      }
      const items = page.items.filter((item) => item.kind === "folder" || (!folders && accept(item)));
      body.append(...items.map((item) => browserRow(item, { multi, open: (to) => open(to, true), choose })));
      parent = page.parent;
      cursor = page.next;
      more.hidden = cursor === null;
      empty.hidden = body.children.length > 0;
      table.hidden = body.children.length === 0;
      up.disabled = parent === null;
      up.setAttribute("aria-label", fit(t.browser.up, { name: parent ?? "" }));
      path.textContent = page.folder.split("/").join(" / ");
      for (const button of roots.children) button.setAttribute("aria-pressed", String(button.dataset.root === page.folder.split("/")[0]));
      showChosen();
    } catch (error) {
      if (!isAbort(error)) wrong.textContent = `${error.message}. ${error.detail ?? ""}`;
    }
  }

  function keys(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...body.querySelectorAll("input, button")];
    const at = rows.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
    if (to !== undefined) {
      const next = rows[Math.min(rows.length - 1, Math.max(0, to))];
      event.preventDefault();
      next?.focus();
      if (event.shiftKey && multi && next?.item !== undefined) choose(next.item, true);
    } else if (event.key === "Backspace" && parent !== null) {
      event.preventDefault();
      open(parent, true);
    } else if (event.key === "Enter" && event.target.item !== undefined) {
      event.preventDefault();
      choose(event.target.item, !chosen.has(event.target.item.file));
    }
  }

  async function begin() {
    try {
      const { items } = await get("/roots");
      if (items.length === 0) {
        wrong.textContent = t.browser.noRoots;
        return;
      }
      roots.replaceChildren(
        ...items.map((root) =>
          el("button", { type: "button", "data-root": root.id, title: `${fit(t.browser.free, { bytes: bytes(root.free_bytes) })}${root.writable ? "" : `, ${t.browser.readOnly}`}`, onclick: () => open(root.id) }, root.name),
        ),
      );
      roots.hidden = items.length === 1;
      await open(items[0].id);
    } catch (error) {
      wrong.textContent = `${error.message}. ${error.detail ?? ""}`;
    }
  }

  const ready = begin();
  return {
    ready,
    folder: () => folder,
    chosen: () => [...chosen.values()],
    drop(file) {
      chosen.delete(file);
      showChosen();
    },
    refresh: () => load(false),
  };
}
