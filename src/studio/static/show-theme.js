// Dark or light: as the system says, or as the settings of the studio do.

/** Shows a theme now, and keeps it for the next page. */
export function showTheme(theme) {
  const root = document.documentElement;
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Then the theme is only that of this page.
  }
}
