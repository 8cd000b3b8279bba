// The styles as cards of which several can be chosen. The order in which they were chosen is kept: a chain needs it.

import { byId, el } from "./dom.js";
import { fit, many, t } from "./words.js";

/** Shows styles in `host`; `changed` is called when others are chosen. */
export function createStyleCards(host, styles, { chain, order, find, none, changed }) {
  let chosen = [];
  const cards = new Map();

  for (const style of styles) {
    const box = el("input", { type: "checkbox", value: style.name, onchange: () => choose(style.name, box.checked) });
    const place = el("span", { class: "place", hidden: true });
    const notes = [style.origin && style.origin !== "built in" ? style.origin : null, style.mends?.length > 0 ? fit(t.start.mends, { what: style.mends.join(", ").replaceAll("_", " ") }) : null];
    const card = el(
      "label",
      { class: "card" },
      box,
      el("span", { class: "card-words" }, el("strong", {}, style.name), el("span", { class: "quiet" }, style.summary), ...notes.filter(Boolean).map((note) => el("span", { class: "tag" }, note))),
      place,
    );
    card.words = `${style.name} ${style.summary} ${style.mends?.join(" ") ?? ""}`.toLowerCase();
    cards.set(style.name, { box, place, card });
  }
  host.replaceChildren(...[...cards.values()].map(({ card }) => card));

  function choose(name, on) {
    chosen = on ? [...chosen, name] : chosen.filter((other) => other !== name);
    show();
    changed();
  }

  function show() {
    for (const [name, { box, place, card }] of cards) {
      const at = chosen.indexOf(name);
      box.checked = at >= 0;
      card.classList.toggle("chosen", at >= 0);
      place.textContent = at >= 0 ? String(at + 1) : "";
      place.hidden = at < 0 || !chain.checked || chosen.length < 2;
    }
    order.textContent = chosen.length < 2 ? "" : chain.checked ? fit(t.start.order, { styles: chosen.join(" → ") }) : many(t.start.orderEach, chosen.length, { styles: chosen.join(", ") });
  }

  chain.addEventListener("change", () => {
    show();
    changed();
  });
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { card, box } of cards.values()) {
      // What is chosen stays in sight, so that nobody renders it by mistake.
      card.hidden = !box.checked && !words.every((word) => card.words.includes(word));
      if (!card.hidden) shown += 1;
    }
    byId(none).hidden = shown > 0;
  });

  return {
    chosen: () => chosen,
    /** The styles as a request has them, or null. */
    value: () => (chosen.length === 0 ? null : chosen.join(chain.checked ? "+" : ",")),
    outputs: () => (chain.checked ? Math.min(1, chosen.length) : chosen.length),
    set(names) {
      chosen = names.filter((name) => cards.has(name));
      show();
      changed();
    },
  };
}
