// @vitest-environment node
/** What can be read can be read by everybody: the contrasts that WCAG 2.2 AA asks for, computed. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const CSS = readFileSync(fileURLToPath(new URL("../../src/ui/tokens.css", import.meta.url)), "utf8");
const PAIRS = [...CSS.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)];
const light = Object.fromEntries(PAIRS.map(([, name = "", value = ""]) => [name, value]));
const dark = Object.fromEntries(PAIRS.map(([, name = "", , value = ""]) => [name, value]));

/** Relative luminance (WCAG 2.2, definitions). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one = "", other = ""): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ["paper", "surface", "sunken", "raised"];
const TEXT: readonly (readonly [string, readonly string[]])[] = [
  ["ink", [...SURFACES, "bob"]],
  ["ink-soft", [...SURFACES, "bob"]],
  ["ink-faint", SURFACES],
  ["accent-ink", [...SURFACES, "accent-soft"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["on-mine", ["mine"]],
  ["on-bad", ["bad"]],
  ["good", [...SURFACES, "good-soft"]],
  ["warn", [...SURFACES, "warn-soft"]],
  ["bad", [...SURFACES, "bad-soft"]],
];

describe.each([
  ["light", light],
  ["dark", dark],
])("%s", (_, theme) => {
  it.each(TEXT.flatMap(([ink, grounds]) => grounds.map((ground) => [ink, ground] as const)))(
    "%s on %s can be read",
    (ink, ground) => {
      expect(contrast(theme[ink], theme[ground])).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(SURFACES)("the edge of a field stands out on %s", (ground) => {
    expect(contrast(theme["line-strong"], theme[ground])).toBeGreaterThanOrEqual(3);
  });
});

it("there is one theme for who follows the system and for who chose", () => {
  expect(CSS).not.toContain("prefers-color-scheme");
  expect(CSS).toMatch(/:root\[data-theme="dark"\] \{\s*color-scheme: dark;\s*\}/);
  expect(CSS).toMatch(/:root\[data-theme="light"\] \{\s*color-scheme: light;\s*\}/);
});
