// Shows clips that play in step in place of frames, and the controls for them.

import { byId, el, icon } from "/dom.js";
import { clock } from "/format.js";
import { announce, clearProblem, showProblem } from "/say.js";
import { T } from "./words.js";
import { SOURCE, change, fps, goTo, onChange, state } from "./state.js";
import { hiddenIds, nameOf, shownIds } from "./sides.js";
import { forgetClips, hasFile, make, partNow } from "./clips.js";
import { stop as stopFrames } from "./timeline.js";
import * as player from "./player.js";

const FAR = 10;

const bar = byId("watch");
const playButton = byId("watch-play");
const scrub = byId("watch-scrub");
const sound = byId("watch-sound");

// Counts up with every wish to play, so that one that was overtaken does nothing.
let turn = 0;
let offered = "";
let shown = "";

/** Makes the clips of `ids` where they are not there yet, and plays them. */
async function playClips(ids, part) {
  turn += 1;
  const mine = turn;
  const clips = await Promise.all(ids.map((id) => make(id, part)));
  if (mine !== turn) return false;
  try {
    await player.open(Object.fromEntries(ids.map((id, index) => [id, clips[index].address])), fps());
  } catch {
    if (mine !== turn) return false;
    forgetClips(clips);
    throw Object.assign(new Error(T.clips.unreadable), { detail: T.clips.unreadableDetail });
  }
  if (mine !== turn) return false;
  stopFrames();
  shown = signature();
  // The bar of frames goes, and with it the focus that it may have.
  const focused = byId("time").contains(document.activeElement);
  bar.hidden = false;
  if (focused) playButton.focus();
  change({ watching: part });
  player.play();
  return true;
}

/** Plays clips of `ids`, and says what goes wrong; whether they play. */
export async function watch(ids, part) {
  clearProblem("clips");
  try {
    return await playClips(ids, part);
  } catch (error) {
    showProblem("clips", error);
    return false;
  }
}

/** Renders these seconds with every setting that is shown, and plays them. */
export async function playSeconds() {
  if (!hasFile() || state.blind !== null) return;
  const part = state.watching ?? partNow();
  change({ drawer: "clips", part });
  announce(T.clips.waiting);
  // A single picture can be flipped to the other one.
  const ids = [...new Set([...shownIds(), ...(state.mode === "single" ? hiddenIds() : [])])];
  await watch(ids, part);
}

/** Does not play what is still being rendered. */
export function giveUp() {
  turn += 1;
}

/** Back to frames, at the moment that is shown. */
export function stopWatching() {
  if (state.watching === null) return;
  turn += 1;
  const at = state.watching.start + player.time();
  player.close();
  const focused = bar.contains(document.activeElement);
  byId("time").hidden = false;
  if (focused) byId("play").focus();
  change({ watching: null, blind: null });
  goTo(Math.round(at * fps()));
}

function toggle() {
  if (player.isPlaying()) player.pause();
  else player.play();
}

/** Keys that move in time while clips are shown. */
export const watchKeys = {
  " ": toggle,
  ",": () => player.step(-1),
  ".": () => player.step(1),
  ArrowLeft: (event) => player.step(event.shiftKey ? -FAR : -1),
  ArrowRight: (event) => player.step(event.shiftKey ? FAR : 1),
  Home: () => player.seek(0),
  End: () => player.seek(player.duration()),
  i: () => {},
  o: () => {},
};

function refreshTime() {
  if (state.watching === null) return;
  const [at, whole] = [player.time(), player.duration()];
  scrub.max = whole.toFixed(3);
  scrub.step = (1 / fps()).toFixed(4);
  if (document.activeElement !== scrub || player.isPlaying()) scrub.value = String(at);
  const words = T.playerClock(clock(at), clock(whole));
  scrub.setAttribute("aria-valuetext", words);
  byId("watch-clock").textContent = words;
  const apart = player.distance();
  byId("watch-apart").textContent = apart === null || !player.isPlaying() ? "" : T.apart(1000 * apart);
  const name = player.isPlaying() ? "pause" : "play";
  if (playButton.dataset.icon === name) return;
  playButton.dataset.icon = name;
  playButton.replaceChildren(icon(name));
  playButton.setAttribute("aria-label", T.player[name]);
  playButton.title = T.player[name];
}

function offerSound() {
  const ids = player.videoIds();
  const text = JSON.stringify(ids.map(nameOf));
  if (text === offered) return;
  offered = text;
  // A voice that was chosen by name would tell which one it is.
  const before = state.blind === null ? sound.value : "";
  sound.replaceChildren(el("option", { value: "" }, T.player.noSound), ...ids.map((id) => el("option", { value: id }, nameOf(id))));
  sound.value = ids.includes(before) ? before : "";
  player.setSound(sound.value === "" ? null : sound.value);
}

/** Makes the controls work. */
export function followWatch() {
  byId("play-clips").addEventListener("click", playSeconds);
  byId("play-these").addEventListener("click", playSeconds);
  playButton.addEventListener("click", toggle);
  byId("watch-back").addEventListener("click", () => player.step(-1));
  byId("watch-on").addEventListener("click", () => player.step(1));
  byId("watch-close").addEventListener("click", stopWatching);
  byId("watch-loop").addEventListener("change", (event) => player.setLoop(event.target.checked));
  scrub.addEventListener("input", () => player.seek(Number(scrub.value)));
  sound.addEventListener("change", () => player.setSound(sound.value === "" ? null : sound.value));
  player.onVideo(refreshTime);
  onChange((names) => {
    // What is seen must be what the values say, so that a change leads back to frames.
    const changed = ["values", "style", "lines"].some((name) => names.has(name));
    if (changed && state.watching !== null && signature() !== shown) stopWatching();
    bar.hidden = state.watching === null;
    if (state.watching !== null) {
      offerSound();
      refreshTime();
    }
    for (const id of ["play-clips", "play-these"]) {
      byId(id).disabled = !hasFile() || state.blind !== null;
      byId(id).title = hasFile() ? T.clips.playHelp : T.clips.needsFile;
    }
  });
}

// What the clips are of. A setting that was only added changes none of them.
function signature() {
  const ids = player.videoIds().filter((id) => id !== SOURCE);
  return JSON.stringify([state.style.version, state.lines, ids.map((id) => state.values[id] ?? null)]);
}
