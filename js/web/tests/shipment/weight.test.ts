import { assert, float, property, string } from "fast-check";
import { expect, it } from "vitest";
import { readPounds } from "../../src/shipment/weight.js";

it.each([
  ["5", 5],
  [" 2.5 ", 2.5],
  ["2,5", 2.5],
  [".5", 0.5],
  ["5 lb 3 oz", 5.1875],
  ["5lbs, 3oz.", 5.1875],
  ["5 pounds and 8 ounces", 5.5],
  ["80 oz", 5],
  ["2 kg", 4.4092],
  ["500 g", 1.1023],
  ["900 pounds", 900],
  ["0", 0],
  ["", undefined],
  ["-5", undefined],
  ["five", undefined],
  ["5 stone", undefined],
  ["5 lb 3 kg", undefined],
  ["1e3", undefined],
])("%s", (typed, pounds) => {
  expect(readPounds(typed)).toBe(pounds);
});

it("never throws, and never gives what is no weight", () => {
  assert(
    property(string(), (typed) => {
      const pounds = readPounds(typed);
      expect(pounds === undefined || (Number.isFinite(pounds) && pounds >= 0)).toBe(true);
    }),
  );
});

it("what the state shows is read as the same weight", () => {
  assert(
    property(float({ min: Math.fround(0.001), max: 70, noNaN: true }), (raw) => {
      const pounds = Math.round(raw * 10_000) / 10_000;
      if (pounds >= 0.001) expect(readPounds(String(pounds))).toBe(pounds);
    }),
  );
});
