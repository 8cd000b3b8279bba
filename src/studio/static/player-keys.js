// Keys of the player.

import { byId } from "./dom.js";
import { takes } from "./keys.js";
import { far, flip, nextSound, setViewAt, step, togglePlay } from "./player.js";

const KEYS = {
  " ": togglePlay,
  ",": () => step(-1),
  ".": () => step(1),
  ArrowLeft: (event) => (event.shiftKey ? far(-1) : step(-1)),
  ArrowRight: (event) => (event.shiftKey ? far(1) : step(1)),
  1: () => setViewAt(0),
  2: () => setViewAt(1),
  3: () => setViewAt(2),
  f: () => flip(true),
  m: nextSound,
};
const REPEATED = [",", ".", "ArrowLeft", "ArrowRight"];

/** Takes keys from now on, while the player is there. */
export function followPlayerKeys() {
  addEventListener("keydown", (event) => {
    if (byId("player").hidden || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!Object.hasOwn(KEYS, key) || takes(event.target, event.key)) return;
    event.preventDefault();
    if (event.repeat && !REPEATED.includes(key)) return;
    KEYS[key](event);
  });
  addEventListener("keyup", (event) => event.key.toLowerCase() === "f" && flip(false));
  addEventListener("blur", () => flip(false));
}
