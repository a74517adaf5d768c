import { expect, it } from "vitest";
import { renewalDelay } from "../../src/identity/renewal.js";

const HOUR = 3_600_000;

it.each([
  ["half of what is left", 2 * HOUR, HOUR],
  ["not more than a few hours ahead", 720 * HOUR, 6 * HOUR],
  ["not in a hurry", 30_000, 20_000],
  ["in a while, with a clock that is ahead", -5 * HOUR, 300_000],
  ["in a while, when it is about to end", 1_000, 300_000],
  ["in a while, when nothing is known", Number.NaN, 300_000],
])("looks %s", (_, left, delay) => {
  expect(renewalDelay(1_000_000 + left, 1_000_000)).toBe(delay);
});
