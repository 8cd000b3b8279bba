// The form that starts a session: a clip, and a style or a chain of styles.

import { byId, el, iconButton } from "/dom.js";
import { getSessions, getStyles, openSession } from "./api.js";
import { T } from "./words.js";
import { followPicker } from "./picker.js";

const form = byId("start-form");
const chain = byId("chain");
const wrong = byId("start-wrong");
const go = byId("start-go");

let styles = [];

function styleRow(chosen) {
  const select = el("select", { onchange: describe });
  select.append(...styles.map(({ name }) => el("option", { value: name }, name)));
  select.value = styles.some(({ name }) => name === chosen) ? chosen : (styles[0]?.name ?? "");
  const summary = el("span", { class: "unit" });
  const row = el("li", {}, select, iconButton("remove", "", () => {
    row.remove();
    number();
    byId("add-style").focus();
  }), summary);
  function describe() {
    summary.textContent = styles.find(({ name }) => name === select.value)?.summary ?? "";
  }
  describe();
  return row;
}

function number() {
  const rows = [...chain.children];
  rows.forEach((row, index) => {
    row.querySelector("select").setAttribute("aria-label", T.styleNumber(index + 1));
    const remove = row.querySelector("button");
    remove.hidden = rows.length === 1;
    remove.title = T.removeStyle(index + 1);
    remove.setAttribute("aria-label", remove.title);
  });
}

function addStyle(chosen) {
  const row = styleRow(chosen);
  chain.append(row);
  number();
  return row;
}

function tell(error) {
  wrong.textContent = [error.message, error.detail].filter(Boolean).join(". ");
}

async function listSessions() {
  // The list is an addition: without it the form still works.
  const sessions = await getSessions().catch(() => []);
  byId("open-sessions").hidden = sessions.length === 0;
  byId("sessions").replaceChildren(
    ...sessions.map(({ id, page, file, name, style, request }) => {
      const about = [file ?? name ?? T.start.scene, style ?? request?.style, id].filter(Boolean).join(" · ");
      return el("li", {}, el("a", { href: page ?? `/lab?session=${encodeURIComponent(id)}` }, about));
    }),
  );
}

/** Shows the form; gives the session that was started. `asked` may name a file and a style. */
export function startSession(asked, problem) {
  byId("start").hidden = false;
  if (problem) wrong.textContent = problem;
  const picker = followPicker(asked.get("file"), tell);
  const kinds = [...form.querySelectorAll("[name=kind]")];
  const kind = () => kinds.find((input) => input.checked).value;
  for (const input of kinds) {
    input.addEventListener("change", () => {
      byId("picker").hidden = kind() === "scene";
    });
  }
  byId("add-style").addEventListener("click", () => addStyle(null).querySelector("select").focus());
  listSessions();
  const wished = (asked.get("style") ?? "pencil").split("+");
  getStyles().then((list) => {
    styles = list;
    for (const name of wished) addStyle(name);
  }, tell);
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      wrong.textContent = "";
      const file = kind() === "scene" ? null : picker.chosen();
      if (kind() === "file" && file === null) {
        wrong.textContent = T.start.chooseFile;
        return;
      }
      const names = [...chain.querySelectorAll("select")].map((select) => select.value);
      go.disabled = true;
      go.textContent = T.start.opening;
      try {
        const { id } = await openSession({ file, request: { style: names.join("+") } });
        byId("start").hidden = true;
        resolve(id);
      } catch (error) {
        tell(error);
      } finally {
        go.disabled = false;
        go.textContent = T.start.go;
      }
    });
  });
}
