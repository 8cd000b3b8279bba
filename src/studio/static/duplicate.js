// The dialog that adds a job again with other values: some as fields, all as JSON.

import { confirmed, openDialog } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { all, post } from "./request.js";
import { say } from "./say.js";
import { fit, t } from "./words.js";

const NUMBERS = ["crf"];
const dialog = byId("duplicate-dialog");
const json = byId("d-json");
const wrong = byId("d-wrong");
const fields = [...dialog.querySelectorAll("[data-key]")];
let isFilled = false;

function parsed() {
  try {
    const request = JSON.parse(json.value);
    if (request === null || typeof request !== "object" || Array.isArray(request)) throw new SyntaxError(json.value.slice(0, 40));
    wrong.textContent = "";
    json.removeAttribute("aria-invalid");
    return request;
  } catch (error) {
    wrong.textContent = fit(t.queue.wrongJson, { why: error.message });
    json.setAttribute("aria-invalid", "true");
    return null;
  }
}

function showFields(request) {
  for (const field of fields) field.value = request[field.dataset.key] ?? "";
}

function fromField(field) {
  const request = parsed();
  if (request === null) return;
  const { key } = field.dataset;
  if (field.value.trim() === "") delete request[key];
  else request[key] = NUMBERS.includes(key) ? Number(field.value) : field.value.trim();
  json.value = JSON.stringify(request, null, 2);
}

for (const field of fields) field.addEventListener("input", () => fromField(field));
json.addEventListener("input", () => {
  const request = parsed();
  if (request !== null) showFields(request);
});
byId("duplicate-form").addEventListener("submit", (event) => event.submitter?.value === "add" && parsed() === null && event.preventDefault());
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close(""));

// Names are offered, and others may be written: a style can be a chain.
async function offer() {
  if (isFilled) return;
  isFilled = true;
  const fill = (id, items) => byId(id).replaceChildren(...items.map(({ name }) => el("option", { value: name })));
  fill("d-styles", await all("/styles"));
  fill("d-presets", await all("/presets"));
}

// A key that is not in the changes keeps its value, so that a removed one is said to be null.
function changes(before, after) {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return { ...after, ...Object.fromEntries(gone.map((key) => [key, null])) };
}

/** Asks for changes and adds the job. Gives the new job, or null. */
export async function duplicate(job) {
  byId("duplicate-file").textContent = job.name;
  json.value = JSON.stringify(job.request, null, 2);
  wrong.textContent = "";
  showFields(job.request);
  offer().catch(() => {});
  if ((await openDialog(dialog)) !== "add") return null;
  const request = changes(job.request, parsed());
  const copied = (request) => post(`/jobs/${job.id}/duplicate`, { request });
  const made = await copied(request).catch(async (error) => {
    if (error.status !== 409) throw error;
    const isMeant = await confirmed({ title: error.message, words: t.start.replaceWords, action: t.start.replace });
    return isMeant ? copied({ ...request, existing: "replace" }) : null;
  });
  if (made === null) return null;
  const jobs = made.items ?? [made];
  say(fit(t.queue.duplicated, { name: jobs[0].name }));
  return jobs[0];
}
