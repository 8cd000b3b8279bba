// The surround of the picture is drawn, so that it follows the theme by hand.

import { on } from "/feed.js";
import { showTheme } from "/show-theme.js";
import { redraw } from "./view.js";

/** Follows the theme of the system and that of the settings from now on. */
export function followTheme() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  on("settings", ({ theme }) => {
    if (theme) showTheme(theme);
    redraw();
  });
}
