/** Light, dark, or as the system has it. Kept in this browser. */

/** What the reader chose. */
export type Theme = "light" | "dark" | "system";

const key = "underhood-theme";

/** The kept choice; `system` where there is none or storage is switched off. */
export function storedTheme(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

/** Puts a theme on the page. The styles read the attribute. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Puts a theme on the page and keeps it. */
export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Not kept, then.
  }
}
