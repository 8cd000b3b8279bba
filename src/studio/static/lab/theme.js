// Dark or light: as the system says, or as the settings of the studio do.

import { on } from "./events.js";
import { redraw } from "./view.js";

/** Follows both from now on. The surround of the picture is drawn, so that it follows by hand. */
export function followTheme() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  on("settings", (settings) => {
    const theme = settings?.theme;
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else if (theme === "system") delete document.documentElement.dataset.theme;
    redraw();
  });
}
