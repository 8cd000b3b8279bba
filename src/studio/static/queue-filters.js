// Which jobs are shown: by state and by name. Kept in the address, so that a reload shows the same.

import { byId } from "./dom.js";

const GROUPS = { running: ["running", "pausing", "cancelling"], queued: ["queued"], paused: ["paused"], done: ["done"], failed: ["failed"], cancelled: ["cancelled"] };
const PARTS = { running: ["running"], queued: ["queued", "paused"], ended: ["done", "failed", "cancelled"] };
const PAUSE = 150;

export function createFilters(changed) {
  const query = new URLSearchParams(location.search);
  let state = Object.hasOwn(GROUPS, query.get("show") ?? "") ? query.get("show") : "all";
  let timer = 0;
  const find = byId("find");
  find.value = query.get("find") ?? "";

  function show() {
    for (const button of byId("filters").children) button.setAttribute("aria-pressed", String(button.dataset.filter === state));
    const now = new URLSearchParams(location.search);
    if (state === "all") now.delete("show");
    else now.set("show", state);
    if (find.value === "") now.delete("find");
    else now.set("find", find.value);
    history.replaceState(null, "", now.size > 0 ? `?${now}` : location.pathname);
  }

  byId("filters").addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter]");
    if (button === null) return;
    state = button.dataset.filter;
    show();
    changed();
  });
  find.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      show();
      changed();
    }, PAUSE);
  });
  show();

  return {
    state: () => state,
    matches: (job) => (state === "all" || GROUPS[state].includes(job.state)) && job.name.toLowerCase().includes(find.value.trim().toLowerCase()),
    /** Whether a part of the page is of no use with this filter. */
    hides: (part) => find.value.trim() !== "" || (state !== "all" && !PARTS[part].includes(state)),
  };
}
