/**
 * Light or dark: the person's choice on this device, or the system's. Before the first paint `early.js` does what
 * `applyTheme` does, so the two must agree on the name in the store and on the attribute.
 */

import type { DeviceMemory } from "./deviceMemory.js";

export const THEMES = ["system", "light", "dark"] as const;

export type Theme = (typeof THEMES)[number];

const NAME = "theme";

/** What was chosen on this device. */
export function chosenTheme(memory: DeviceMemory): Theme {
  const value = memory.recall(NAME);
  return value === "light" || value === "dark" ? value : "system";
}

/** Keep a choice, and show it. */
export function chooseTheme(memory: DeviceMemory, theme: Theme, page: HTMLElement): void {
  memory.remember(NAME, theme === "system" ? undefined : theme);
  applyTheme(theme, page);
}

/** Show a choice: `data-theme` on <html> overrules the system in `tokens.css`. */
export function applyTheme(theme: Theme, page: HTMLElement): void {
  if (theme === "system") page.removeAttribute("data-theme");
  else page.setAttribute("data-theme", theme);
}
