// Videos that play in step: the first leads, the others follow it. They are drawn by the view, as pictures are.

import { byId } from "/dom.js";
import { correction } from "/in-step.js";

const ENOUGH = 3;
const WAIT_FOR = 15000;

const room = byId("videos");
const listeners = new Set();

let videos = new Map();
let frameSeconds = 1 / 25;
// The newest frame of each video: its time in the clip, and when it is on the screen.
let seen = new Map();
let goesOn = false;
let repeats = true;
let heard = null;
// How far the followers were from the leader at their newest frames, in seconds.
let apart = new Map();

/** Calls `listener` at every new frame, and when playing begins or ends. */
export function onVideo(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of [...listeners]) listener();
}

const leader = () => videos.values().next().value;
const isLeader = (video) => video === leader();

/** Whether the videos play. */
export const isPlaying = () => goesOn;

/** Opens videos, { id: address }, and waits until the first frames are here. */
export async function open(addresses, fps) {
  close();
  frameSeconds = 1 / fps;
  for (const [id, address] of Object.entries(addresses)) videos.set(id, videoOf(id, address));
  room.replaceChildren(...videos.values());
  await Promise.all([...videos.values()].map(ready));
  tell();
}

function videoOf(id, address) {
  const video = document.createElement("video");
  video.muted = id !== heard;
  video.playsInline = true;
  video.preload = "auto";
  video.disableRemotePlayback = true;
  video.tabIndex = -1;
  video.src = address;
  const told = (now, facts) => {
    if (videos.get(id) !== video) return;
    seen.set(id, { time: facts.mediaTime, at: facts.expectedDisplayTime ?? now });
    if (!isLeader(video)) follow(id, video);
    tell();
    video.requestVideoFrameCallback(told);
  };
  video.requestVideoFrameCallback(told);
  video.addEventListener("ended", () => {
    if (isLeader(video)) atEnd();
  });
  // Where the leader has to wait for data, so do the others.
  video.addEventListener("waiting", () => {
    if (isLeader(video)) for (const other of followers()) other.pause();
  });
  video.addEventListener("playing", () => {
    if (isLeader(video) && goesOn) for (const other of followers()) start(other);
  });
  return video;
}

function followers() {
  return [...videos.values()].filter((video) => !isLeader(video));
}

function ready(video) {
  return new Promise((resolve, reject) => {
    const failed = () => reject(video.error ?? new Error("timeout"));
    const timer = setTimeout(failed, WAIT_FOR);
    const look = () => {
      if (video.readyState < ENOUGH) return;
      clearTimeout(timer);
      resolve();
    };
    video.addEventListener("canplay", look);
    video.addEventListener("error", () => {
      clearTimeout(timer);
      failed();
    });
    look();
  });
}

function follow(id, video) {
  const first = seen.get(videos.keys().next().value);
  const own = seen.get(id);
  if (first === undefined || !goesOn || video.seeking || leader().seeking || leader().ended) return;
  const drift = first.time + (own.at - first.at) / 1000 - own.time;
  apart.set(id, Math.abs(drift));
  const { seek, rate } = correction(drift, frameSeconds);
  if (seek) video.currentTime = leader().currentTime;
  if (video.playbackRate !== rate) video.playbackRate = rate;
}

/** How far the videos are from each other at most, in seconds; null while that is not known. */
export function distance() {
  return apart.size === 0 ? null : Math.max(...apart.values());
}

function start(video) {
  // A browser that does not allow sound without a click plays without it.
  video.play().catch((error) => {
    if (error.name !== "NotAllowedError" || video.muted) return;
    video.muted = true;
    video.play().catch(() => {});
  });
}

/** Plays all. */
export function play() {
  if (videos.size === 0) return;
  goesOn = true;
  if (leader().ended) seek(0);
  for (const video of videos.values()) start(video);
  tell();
}

/** Stops all at the same frame. */
export function pause() {
  goesOn = false;
  for (const video of videos.values()) {
    video.pause();
    video.playbackRate = 1;
  }
  if (videos.size > 0) seek(leader().currentTime);
  tell();
}

async function atEnd() {
  if (!repeats) {
    pause();
    return;
  }
  const all = [...videos.values()];
  for (const video of all) {
    video.pause();
    video.playbackRate = 1;
  }
  // They begin together only when all are back at the first frame.
  await Promise.all(all.map((video) => moved(video, 0)));
  if (goesOn) for (const video of all) if (video.isConnected) start(video);
}

function moved(video, time) {
  return new Promise((resolve) => {
    video.addEventListener("seeked", resolve, { once: true });
    video.currentTime = time;
  });
}

/** Goes to a time in seconds. */
export function seek(time) {
  const within = Math.min(Math.max(0, time), Math.max(0, duration() - frameSeconds / 2));
  for (const video of videos.values()) video.currentTime = within;
  apart.clear();
  tell();
}

/** Goes some frames on, or back. */
export function step(frames) {
  if (goesOn) pause();
  // The middle of a frame is safe from rounding.
  const frame = Math.floor(time() / frameSeconds + 1e-3) + frames;
  seek((frame + 0.5) * frameSeconds);
}

/** Where the leader is, in seconds. */
export function time() {
  return leader()?.currentTime ?? 0;
}

/** The length in seconds. */
export function duration() {
  const seconds = leader()?.duration;
  return Number.isFinite(seconds) ? seconds : 0;
}

/** Begins again at the end, or not. */
export function setLoop(on) {
  repeats = on;
}

/** The sound of one video is heard; null for none. */
export function setSound(id) {
  heard = id;
  for (const [name, video] of videos) video.muted = name !== id;
}

/** What has videos. */
export const videoIds = () => [...videos.keys()];

/** The newest frame of a video as a picture; null where there is none. */
export function pictureOf(id) {
  const video = videos.get(id);
  if (video === undefined || video.readyState < 2) return null;
  const { videoWidth: width, videoHeight: height } = video;
  return { bitmap: video, width, height, lines: height, full: false, draft: true, ofPass: false, ofVideo: true };
}

/** Ends playing and gives the videos up. */
export function close() {
  goesOn = false;
  for (const video of videos.values()) {
    video.pause();
    video.removeAttribute("src");
    video.load();
  }
  videos = new Map();
  seen = new Map();
  apart = new Map();
  room.replaceChildren();
}
