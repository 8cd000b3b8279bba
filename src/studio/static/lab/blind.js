// Two settings compared without their names: left and right are drawn by chance, and told after the vote.

import { byId, el } from "/dom.js";
import { announce, clearProblem, showProblem } from "/say.js";
import { savePreference } from "./api.js";
import { T } from "./words.js";
import { change, onChange, state } from "./state.js";
import { plainName, settingIds } from "./sides.js";
import { clipOf, hasFile, partNow } from "./clips.js";
import { giveUp, stopWatching, watch } from "./watch.js";

const first = byId("blind-first");
const second = byId("blind-second");
const start = byId("blind-start");
const said = byId("blind-said");
const votes = [...document.querySelectorAll("[data-vote]")];

let offered = "";
let waiting = false;

/** Either order, with the same chance. */
function drawn(ids) {
  const [bit] = crypto.getRandomValues(new Uint8Array(1));
  return bit % 2 === 0 ? ids : ids.toReversed();
}

async function begin() {
  const ids = [first.value, second.value];
  if (ids[0] === ids[1]) {
    tell(T.blind.same);
    return;
  }
  if (JSON.stringify(state.values[ids[0]]) === JSON.stringify(state.values[ids[1]])) {
    tell(T.blind.sameValues);
    return;
  }
  const part = state.watching ?? partNow();
  stopWatching();
  change({ part });
  tell(T.clips.waiting);
  waiting = true;
  refresh();
  const [left, right] = drawn(ids);
  // Names are gone before the first frame is here.
  const before = state.mode;
  change({ blind: { left, right }, mode: state.mode === "swipe" ? "swipe" : "split", flipped: false });
  refresh();
  byId("blind-stop").focus();
  const plays = await watch([left, right], part);
  waiting = false;
  if (state.blind === null) return;
  if (!plays) {
    change({ blind: null, mode: before });
    return;
  }
  tell(T.blind.ask);
  refresh();
  // Not a vote: Space pauses the clips, and must not vote.
  byId("blind-votes").focus();
}

async function vote(choice) {
  const { left, right } = state.blind;
  const part = state.watching;
  const clips = { left: clipOf(left, part), right: clipOf(right, part) };
  const better = choice === "right" ? "right" : "left";
  const other = better === "left" ? "right" : "left";
  for (const button of votes) button.disabled = true;
  try {
    await savePreference({ better_clip: clips[better].key, other_clip: clips[other].key, tie: choice === "equal", note: null });
    clearProblem("blind");
  } catch (error) {
    showProblem("blind", error);
    refresh();
    return;
  }
  const words = choice === "equal" ? T.blind.votedEqual : T.votedFor(plainName(choice === "left" ? left : right));
  // The same two stay on the screen, now with their names.
  change({ blind: null, left, right, tiles: null });
  tell(`${T.blindTold(plainName(left), plainName(right), words)} ${T.blind.saved}`);
  start.focus();
}

function tell(text) {
  said.textContent = text;
  announce(text);
}

function offer() {
  const ids = settingIds();
  const text = JSON.stringify(ids.map(plainName));
  if (text === offered) return;
  offered = text;
  const chosen = [first.value, second.value];
  [first, second].forEach((select, index) => {
    select.replaceChildren(...ids.map((id) => el("option", { value: id }, plainName(id))));
    select.value = ids.includes(chosen[index]) ? chosen[index] : ids[index];
  });
}

function refresh() {
  offer();
  const on = state.blind !== null;
  start.disabled = on || waiting || !hasFile();
  byId("blind-choice").hidden = on;
  byId("blind-help").hidden = on;
  byId("blind-votes").hidden = !on || waiting || state.watching === null;
  for (const button of votes) button.disabled = !on;
  byId("blind-stop").hidden = !on;
}

/** Makes the controls work. */
export function followBlind() {
  start.addEventListener("click", begin);
  for (const button of votes) button.addEventListener("click", () => vote(button.dataset.vote));
  byId("blind-stop").addEventListener("click", () => {
    giveUp();
    waiting = false;
    change({ blind: null });
    stopWatching();
    start.focus();
  });
  onChange((names) => {
    // It may end without a vote: by another key, or because a value was changed.
    if (names.has("blind") && state.blind === null && [T.blind.ask, T.clips.waiting].includes(said.textContent)) tell("");
    if (["style", "values", "names", "blind", "watching"].some((name) => names.has(name))) refresh();
  });
}
