// The texts of the Lab with what belongs in them.

import { bytes, exact, milliseconds, number as short, whole as rounded } from "/format.js";
import { fit as fill, t } from "/words.js";

const L = t.lab;

const letter = (id) => id.toUpperCase();

/** All texts; those that hold something are functions. */
export const T = {
  ...L,
  title: (style, clip) => fill(L.title, { style, clip }),
  version: (number) => fill(L.version, { number }),
  clip: (input) =>
    fill(L.clipFacts, {
      ...input,
      frames: input.frames ? fill(L.clipFrames, { count: input.frames }) : "",
      rate: input.fps ? fill(L.clipRate, { rate: short(input.fps) }) : "",
    }),
  device: (device, software) =>
    fill(L.device, { name: device.name, kind: device.executor === "cpu" ? L.kindCpu : software ? L.kindSoftware : L.kindGpu }),
  deviceShort: (device) => device.name.replace(/\s*\(.*$/, ""),

  setting: (id, name) => (name ? fill(L.named, { letter: letter(id), name }) : fill(L.setting, { letter: letter(id) })),
  settingShort: (id, name) => fill(name ? L.named : L.letter, { letter: letter(id), name }),
  withPass: (name, pass) => fill(L.withPass, { name, pass }),
  useSetting: (name, key) => fill(L.useSetting, { name, key }),
  removeSettingHelp: (name) => fill(L.removeSettingHelp, { name }),
  settingAdded: (name) => fill(L.settingAdded, { name }),
  settingRemoved: (name) => fill(L.settingRemoved, { name }),
  copyFromHelp: (from, to) => fill(L.copyFromHelp, { from, to }),
  copiedFrom: (from, to) => fill(L.copiedFrom, { from, to }),
  showTile: (name) => fill(L.showTile, { name }),
  dividerAt: (percent, left, right) => fill(L.dividerAt, { percent: rounded(percent), left, right }),
  opacityAt: (percent, left, right) => fill(L.opacityAt, { percent: rounded(percent), left, right }),
  zoomAt: (scale) => fill(L.zoomAt, { percent: scale >= 10 ? rounded(scale * 100) : short(scale * 100) }),
  cardOn: (name) => fill(L.cardOn, { name }),
  cardOff: (name) => fill(L.cardOff, { name }),
  cardFailed: (name, why) => fill(L.cardFailed, { name, why }),
  canvas: (what, frame) => fill(L.canvas, { what, frame }),
  canvasMoving: (what) => fill(L.canvasMoving, { what }),

  badge: {
    ...L.badge,
    small: (lines) => fill(L.badge.small, { lines }),
    draft: (lines) => fill(L.badge.draft, { lines }),
    playing: (lines) => fill(L.badge.playing, { lines }),
    full: (size, time, device) =>
      fill(L.badge.full, { size, time: milliseconds(time), device: device === null ? "" : `, ${T.deviceShort(device)}` }),
    framesBefore: (count) => fill(L.badge.framesBefore, { count }),
    byBrowser: (size, time) => fill(L.badge.byBrowser, { size, time: milliseconds(time) }),
    levels: (black, white) => fill(L.badge.levels, { black: exact(black), white: exact(white) }),
    clip: (lines) => fill(L.badge.clip, { lines }),
  },
  rendered: (frame) => fill(L.rendered, { frame }),
  position: (x, y) => fill(L.position, { x, y }),

  frameOf: (count) => fill(L.frameOf, { count }),
  loop: (first, last) => fill(L.loop, { first, last }),
  rate: (real, wanted) => fill(L.rate, { real: short(real), wanted: short(wanted) }),

  reset: (label) => fill(L.reset, { label }),
  keyframe: (label) => fill(L.keyframe, { label }),
  unkeyframe: (label) => fill(L.unkeyframe, { label }),
  keysOf: (label) => fill(L.keysOf, { label }),
  addKey: (frame) => fill(L.addKey, { frame }),
  removeKey: (time) => fill(L.removeKey, { time }),
  goToKey: (time) => fill(L.goToKey, { time }),
  range: ({ min, max, unit }) => fill(L.range, { least: exact(min), most: exact(max), unit: unit ? ` ${unit}` : "" }),
  // What a parameter may be, for people who wrote something else.
  allowed: (param) => fill(L.allowed[param.type] ?? L.invalid, { range: T.range(param) }),
  clamped: (labels) => fill(L.clamped, { labels }),

  pass: (pass) => fill(pass.words ? L.passWords : L.passImage, pass),
  showPass: (name) => fill(L.showPass, { name }),

  planLatency: (frames) => (frames === 1 ? L.planLatencyOne : fill(L.planLatency, { frames })),
  planSummary: (steps, moved, time) =>
    fill(steps === 1 ? L.planStepOne : L.planSteps, { steps, moved: bytes(moved) }) + (time === null ? "" : `, ${milliseconds(time)}`),
  planTraffic: (read, written) => fill(L.planTraffic, { read: bytes(read), written: bytes(written) }),
  planExtent: (extent, dispatches) =>
    `${extent[0]}×${extent[1]}${dispatches > 1 ? fill(L.planDispatches, { dispatches }) : ""}`,
  planFused: (names) => fill(L.planFused, { names: names.join(", ") }),
  planStored: (why) => fill(L.planStored, { why }),

  copied: (text) => fill(L.copied, { text }),
  presetSaved: (file) => fill(L.presetSaved, { file }),
  frameSaved: (name) => fill(L.frameSaved, { name }),

  queued: (name, id) => fill(L.queue.added, { name, id }),
  partNow: (from, to) => fill(L.clips.partNow, { from, to }),
  clipFailed: (title, detail) => (detail ? fill(L.clips.failed, { title, detail }) : title),
  cancelClip: (name) => fill(L.clips.cancel, { name }),
  playerClock: (at, all) => fill(L.player.clock, { at, whole: all }),
  apart: (time) => fill(L.player.apart, { milliseconds: rounded(time) }),
  starsFor: (name) => fill(L.rating.stars, { name }),
  stars: (count) => (count === 1 ? L.rating.one : fill(L.rating.many, { count })),
  noteFor: (name) => fill(L.rating.noteFor, { name }),
  saveRatingFor: (name) => fill(L.rating.saveFor, { name }),
  ratingSaved: (name, stars, ratings) => fill(L.rating.saved, { name, stars: short(stars), ratings }),
  ratingShort: (stars, ratings) => fill(L.rating.savedShort, { stars: short(stars), ratings }),
  blindTold: (left, right, vote) => fill(L.blind.told, { left, right, vote }),
  votedFor: (name) => fill(L.blind.votedFor, { name }),

  styleNumber: (number) => fill(L.start.styleNumber, { number }),
  removeStyle: (number) => fill(L.start.removeStyle, { number }),
};
