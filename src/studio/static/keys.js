// Which keys belong to what has the focus.

// These have a meaning of their own in a slider.
const OF_SLIDERS = ["ArrowLeft", "ArrowRight", "Home", "End"];

/** Whether `target` needs the key itself: keys of a page are never taken from a field that somebody writes in. */
export function takes(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  if (target.matches("input[type=range]")) return OF_SLIDERS.includes(key);
  if (target.matches("input[type=checkbox], input[type=color]")) return key === " ";
  // Arrows and Space choose among radio buttons.
  if (target.matches("input")) return true;
  return key === " " && target.closest("button, a, summary") !== null;
}
