import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { browserMemory } from "../../src/app/deviceMemory.js";
import { chosenTheme, chooseTheme, THEMES } from "../../src/app/theme.js";

const page = document.documentElement;
const early = readFileSync("src/app/early.js", "utf8");

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  page.removeAttribute("data-theme");
});

it.each([
  ["light", "light"],
  ["dark", "dark"],
  ["system", null],
] as const)("%s is shown at once and kept", (theme, attribute) => {
  chooseTheme(browserMemory(), "dark", page);
  chooseTheme(browserMemory(), theme, page);
  expect(page.getAttribute("data-theme")).toBe(attribute);
  expect(chosenTheme(browserMemory())).toBe(theme);
});

it("what another program kept is no choice", () => {
  localStorage.setItem("shipanion/theme", '"sepia"');
  expect(chosenTheme(browserMemory())).toBe("system");
});

describe("before the first paint", () => {
  /** As the browser runs it, before everything else. */
  const run = () => {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
    new Function(early)();
  };

  it.each(THEMES)("%s is shown as it was chosen", (theme) => {
    chooseTheme(browserMemory(), theme, page);
    const chosen = page.getAttribute("data-theme");
    page.removeAttribute("data-theme");
    run();
    expect(page.getAttribute("data-theme")).toBe(chosen);
  });

  it("anything else that was kept is left alone", () => {
    localStorage.setItem("shipanion/theme", '"sepia"');
    run();
    expect(page.getAttribute("data-theme")).toBeNull();
  });
});
