// What every page has: the theme, the number of jobs beside "Queue", and notifications.

import { byId } from "./dom.js";
import { on, onGap } from "./feed.js";
import { get } from "./request.js";
import { followJobs } from "./notify.js";
import { showTheme } from "./show-theme.js";
import { many, t } from "./words.js";

const badge = byId("queue-count");
let timer = 0;

async function count() {
  try {
    const { jobs } = await get("/status");
    const left = jobs.queued + jobs.running + jobs.pausing + jobs.paused;
    badge.textContent = left > 999 ? "999+" : String(left);
    badge.setAttribute("aria-label", many(t.nav.jobs, left));
    badge.hidden = left === 0;
  } catch {
    // The events say so when the server is away.
  }
}

// Many jobs may change at once.
function countSoon() {
  if (timer !== 0) return;
  timer = setTimeout(() => {
    timer = 0;
    count();
  }, 700);
}

on("job", countSoon);
on("removed", countSoon);
onGap(countSoon);
on("settings", ({ theme }) => theme && showTheme(theme));
countSoon();
followJobs();
