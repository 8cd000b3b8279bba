// A slider between two pictures. Without this the two stand beside each other.
for (const swipe of document.querySelectorAll(".swipe")) {
  const label = swipe.querySelector("label");
  const slider = swipe.querySelector("input");
  const after = swipe.querySelector(".after");
  label.hidden = false;
  swipe.classList.add("live");
  const show = () => { after.style.clipPath = "inset(0 0 0 " + slider.value + "%)"; };
  slider.addEventListener("input", show);
  show();
}
