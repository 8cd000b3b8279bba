// Numbers as people read them.

import texts from "/texts.js";

const { units } = texts.lab;
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A number with at most one digit after the point. */
export const short = (of) => number.format(of);

/** A number without digits after the point. */
export const rounded = (of) => whole.format(of);

/** A number of bytes. */
export function bytes(count) {
  const names = [units.bytes, units.kB, units.MB, units.GB];
  let unit = 0;
  let size = count;
  while (size >= 1000 && unit < names.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? rounded(size) : short(size)} ${names[unit]}`;
}

/** A time in milliseconds. */
export function milliseconds(time) {
  if (time >= 1000) return `${short(time / 1000)} ${units.s}`;
  return `${time >= 100 ? rounded(time) : short(time)} ${units.ms}`;
}

/** A value of an image: short, and exact enough to tell two apart. */
export function value(of) {
  if (Number.isInteger(of) && Math.abs(of) < 1e6) return String(of);
  return String(Number(of.toPrecision(4)));
}

/** `1:02.48`: minutes, seconds and hundredths of a second. */
export function clock(seconds) {
  const all = Math.max(0, Math.round(seconds * 100));
  const pad = (part) => String(part).padStart(2, "0");
  return `${Math.floor(all / 6000)}:${pad(Math.floor(all / 100) % 60)}.${pad(all % 100)}`;
}
