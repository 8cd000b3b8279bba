// Numbers, as people read them.

const one = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const none = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** `1.2 MB` */
export function bytes(count) {
  if (count === null || count === undefined) return "";
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let size = count;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? none.format(size) : one.format(size)} ${units[unit]}`;
}

/** `8 s`, `3 min 20 s`, `2 h 05 min`: how long something takes. */
export function span(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const all = Math.max(0, Math.round(seconds));
  if (all < 60) return `${all} s`;
  if (all < 600) return `${Math.floor(all / 60)} min ${String(all % 60).padStart(2, "0")} s`;
  const minutes = Math.round(all / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `1:02.48`: minutes, seconds and hundredths of a second. */
export function clock(seconds) {
  const all = Math.max(0, Math.round(seconds * 100));
  const pad = (part) => String(part).padStart(2, "0");
  return `${Math.floor(all / 6000)}:${pad(Math.floor(all / 100) % 60)}.${pad(all % 100)}`;
}

/** Today the time, else the day and the time. */
export function when(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return "";
  const today = day.format(date) === day.format(new Date());
  return today ? time.format(date) : `${day.format(date)}, ${time.format(date)}`;
}

/** A number with at most one decimal. */
export const number = (value) => one.format(value);

/** A whole number. */
export const whole = (value) => none.format(value);

/** A share from 0 to 1, in percent. */
export const percent = (share) => `${none.format(share * 100)} %`;

/** A measured value: short, and exact enough to tell two apart. */
export function value(of) {
  if (of === null || of === undefined || !Number.isFinite(of)) return "–";
  if (Math.abs(of) >= 100) return one.format(of);
  return String(Number(of.toPrecision(3)));
}

/** A value of an image or a parameter: short, and exact enough to write it again. */
export function exact(of) {
  if (Number.isInteger(of) && Math.abs(of) < 1e6) return String(of);
  return String(Number(of.toPrecision(4)));
}

/** A time in milliseconds: `8.2 ms`, `1.2 s`. */
export function milliseconds(all) {
  if (all >= 1000) return `${one.format(all / 1000)} s`;
  return `${(all >= 100 ? none : one).format(all)} ms`;
}

/** The last part of `ROOT/folder/name`. */
export const nameOf = (file) => file.slice(file.lastIndexOf("/") + 1);

/** The folder of `ROOT/folder/name`. */
export const folderOf = (file) => file.slice(0, Math.max(0, file.lastIndexOf("/")));
