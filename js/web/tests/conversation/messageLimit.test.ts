import { expect, it } from "vitest";
import { room } from "../../src/conversation/messageLimit.js";

it.each([
  ["", undefined],
  ["x".repeat(20_000), undefined],
  ["x".repeat(31_500), 500],
  ["x".repeat(32_000), 0],
  ["x".repeat(32_001), -1],
  ["€".repeat(21_300), 610],
  ["\u0007".repeat(10_900), -890],
])("the room after %#", (text, left) => {
  expect(room(text)).toBe(left);
});

it("an emoji is one character of four bytes", () => {
  expect(room("🙂".repeat(16_000))).toBe(65_536 - 1_024 - 64_000 - 2);
});
