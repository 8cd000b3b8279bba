"use strict";

/** Seconds as m:ss.t. */
const clock = (seconds) => {
  const tenths = Math.round(Math.max(seconds, 0) * 10);
  const rest = (tenths % 600) / 10;
  return Math.floor(tenths / 600) + ":" + rest.toFixed(1).padStart(4, "0");
};

/** Lays the second picture of a swipe over the first, with a slider between them. */
function overlay(swipe) {
  const names = [...swipe.querySelectorAll("figcaption")].map((caption) => caption.textContent);
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: 100, step: "any", value: 50 });
  slider.setAttribute("aria-label", "Border between " + names.join(" and "));
  const border = document.createElement("div");
  border.className = "border";
  const move = () => {
    swipe.style.setProperty("--at", slider.value + "%");
    slider.setAttribute("aria-valuetext", Math.round(slider.value) + " % " + names[0]);
  };
  const size = (image) => {
    if (image.naturalWidth) swipe.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight);
  };
  for (const image of swipe.querySelectorAll("img")) {
    image.draggable = false;
    image.addEventListener("load", () => size(image));
    size(image);
  }
  slider.addEventListener("input", move);
  slider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2 }[event.key];
    if (!step) return;
    event.preventDefault();
    slider.value = Number(slider.value) + step;
    move();
  });
  swipe.append(border, slider);
  swipe.classList.add("live");
  move();
}

/** Two pictures of the grid, chosen by their names, over each other. */
function choose(section) {
  const figures = [...document.querySelectorAll("#pictures figure")];
  const selects = [...section.querySelectorAll("select")];
  const show = () => {
    const swipe = document.createElement("div");
    swipe.className = "swipe";
    swipe.setAttribute("role", "group");
    for (const select of selects) {
      const figure = document.createElement("figure");
      const caption = document.createElement("figcaption");
      caption.textContent = select.selectedOptions[0].textContent;
      figure.append(figures[select.value].querySelector("img").cloneNode(), caption);
      swipe.append(figure);
    }
    section.querySelector(".swipe")?.remove();
    section.append(swipe);
    overlay(swipe);
  };
  for (const select of selects) select.addEventListener("change", show);
  section.hidden = false;
  show();
}

/** All clips by one button and one slider. The longest leads; the others follow it. */
function together(section) {
  const clips = [...section.querySelectorAll("video")];
  const bar = section.querySelector(".bar");
  const [button, slider, output] = bar.children;
  const length = (clip) => (Number.isFinite(clip.duration) ? clip.duration : 0);
  const leader = () => clips.reduce((longest, clip) => (length(clip) > length(longest) ? clip : longest));
  const place = (seconds, most) => {
    for (const clip of clips) {
      const wanted = Math.min(seconds, length(clip));
      if (Math.abs(clip.currentTime - wanted) > most) clip.currentTime = wanted;
    }
  };
  const show = () => {
    const { currentTime } = leader();
    slider.max = length(leader()) || 1;
    slider.value = currentTime;
    slider.setAttribute("aria-valuetext", clock(currentTime));
    output.textContent = clock(currentTime) + " / " + clock(length(leader()));
  };
  const follow = () => {
    if (leader().paused) return;
    place(leader().currentTime, 0.08);
    show();
    requestAnimationFrame(follow);
  };
  const name = () => { button.textContent = leader().paused ? "Play" : "Pause"; };
  button.addEventListener("click", () => {
    if (!leader().paused) {
      for (const clip of clips) clip.pause();
      place(leader().currentTime, 0);
      return;
    }
    if (leader().ended) place(0, 0);
    Promise.allSettled(clips.map((clip) => clip.play())).then(follow);
  });
  slider.addEventListener("input", () => { place(Number(slider.value), 0); show(); });
  for (const clip of clips) {
    clip.controls = false;
    clip.muted = true;
    for (const event of ["play", "pause", "ended"]) clip.addEventListener(event, name);
    for (const event of ["loadedmetadata", "seeked"]) clip.addEventListener(event, show);
  }
  bar.hidden = false;
  show();
}

document.querySelectorAll(".swipe").forEach(overlay);
document.querySelectorAll("#pair").forEach(choose);
document.querySelectorAll("#clips").forEach(together);
