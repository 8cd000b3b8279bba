// Runs before the page is painted, so that a chosen theme does not flash in the other one.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // A browser may forbid to keep things; then the system's theme is shown.
  }
})();
