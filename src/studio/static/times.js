// Times and sizes as people write them.

/** Seconds of `12.5`, `1:30` or `1:02:03.5`; null of nothing, NaN of something else. */
export function seconds(text) {
  const written = text.trim().replace(",", ".").replace(/\s*s$/, "");
  if (written === "") return null;
  if (!/^(\d+:){0,2}\d+(\.\d+)?$/.test(written)) return NaN;
  return written.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** `{size}` of `1280x720`, `{scale}` of `2x`, nothing of nothing, null of something else. */
export function sizeOf(text) {
  const written = text.trim().toLowerCase().replace("×", "x").replaceAll(" ", "");
  if (written === "") return {};
  if (/^\d+x\d+$/.test(written)) return { size: written };
  const factor = /^(?:x(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)x?)$/.exec(written);
  return factor === null ? null : { scale: factor[1] ?? factor[2] };
}
