import { expect, it } from "vitest";
import { isOffset, MAX_OFFSET, samePosition } from "../src/position.js";

it("offsets are whole, from 0, and exact", () => {
  expect([0, 1, MAX_OFFSET].every(isOffset)).toBe(true);
  expect([-1, 0.5, MAX_OFFSET + 1, "1", null, true, undefined].some(isOffset)).toBe(false);
});

it("a position is the same when both halves are", () => {
  const here = { epoch: "e", offset: 1 };
  expect(samePosition(here, { epoch: "e", offset: 1 })).toBe(true);
  expect(samePosition(here, { epoch: "f", offset: 1 })).toBe(false);
  expect(samePosition(here, { epoch: "e", offset: 2 })).toBe(false);
  expect(samePosition(here, undefined)).toBe(false);
  expect(samePosition(undefined, undefined)).toBe(true);
});
