import { expect, it } from "vitest";
import { relativeTime } from "../../src/sessions/relativeTime.js";

const NOW = new Date(2026, 10, 24, 9, 30).getTime();

it.each([
  ["now", new Date(2026, 10, 24, 9, 29, 30)],
  ["now", new Date(2026, 10, 24, 9, 31)],
  ["1 min", new Date(2026, 10, 24, 9, 29)],
  ["59 min", new Date(2026, 10, 24, 8, 31)],
  ["1 h", new Date(2026, 10, 24, 8, 30)],
  ["9 h", new Date(2026, 10, 24, 0, 5)],
  ["yesterday", new Date(2026, 10, 23, 23, 55)],
  ["yesterday", new Date(2026, 10, 23, 0, 5)],
  ["Sunday", new Date(2026, 10, 22, 23, 0)],
  ["Wednesday", new Date(2026, 10, 18, 9, 0)],
  ["Nov 17", new Date(2026, 10, 17, 23, 0)],
  ["Jan 1", new Date(2026, 0, 1)],
  ["Dec 31, 2025", new Date(2025, 11, 31)],
])("%s", (words, at) => {
  expect(relativeTime(at.getTime(), NOW)).toBe(words);
});
