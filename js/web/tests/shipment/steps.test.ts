import { describe, expect, it } from "vitest";
import { readParcel } from "../../src/shipment/parcel.js";
import { done, frontOf, reachable, readStep, shown } from "../../src/shipment/steps.js";
import { CHOSEN, DETAILED, EMPTY, LABELLED, QUOTED } from "./states.js";

describe("where the work is, what can be looked at, and what is done", () => {
  it.each([
    ["empty", EMPTY, 0, "x---", "----"],
    ["details", DETAILED, 0, "x---", "----"],
    ["quotes", QUOTED, 1, "xx--", "x---"],
    ["chosen", CHOSEN, 2, "xxx-", "xx--"],
    ["labelled", LABELLED, 2, "xxxx", "xxx-"],
    ["another parcel after a label", { ...EMPTY, labels: LABELLED.labels ?? [] }, 0, "x--x", "----"],
  ])("%s", (_, state, front, can, was) => {
    const parcel = readParcel(state);
    const marks = (flags: readonly boolean[]) => flags.map((flag) => (flag ? "x" : "-")).join("");
    expect([frontOf(parcel), marks(reachable(parcel)), marks(done(parcel))]).toEqual([front, can, was]);
  });
});

it("a step that is wanted and not there any more is not shown", () => {
  expect(shown(readParcel(CHOSEN), 1)).toBe(1);
  expect(shown(readParcel(CHOSEN), undefined)).toBe(2);
  expect(shown(readParcel(EMPTY), 2)).toBe(0);
});

it("reads what was kept", () => {
  expect([0, 3, 4, -1, 1.5, "1", null, undefined].map(readStep)).toEqual([
    0,
    3,
    ...Array.from({ length: 6 }, () => undefined),
  ]);
});
