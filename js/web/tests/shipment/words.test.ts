import { describe, expect, it } from "vitest";
import { dateText, dayText, daysText, endText, leftText, momentText, priceText } from "../../src/shipment/words.js";

it("money, days and places", () => {
  expect(priceText(26.05)).toBe("$26.05");
  expect(priceText(1_234.5)).toBe("$1,234.50");
  expect(daysText(1)).toBe("1 day");
  expect(daysText(5)).toBe("5 days");
  expect(endText("90210", "Beverly Hills, CA")).toBe("Beverly Hills, CA 90210");
  expect(endText("90210", "")).toBe("90210");
});

it("a date is the same day wherever it is read, and what is none stays as it is", () => {
  expect(dayText("2026-11-30")).toBe("Mon, Nov 30");
  expect(dateText("2026-07-12")).toBe("Jul 12, 2026");
  expect(dayText("soon")).toBe("soon");
  expect(dayText("2026-99-99")).toBe("2026-99-99");
});

it("a moment that is none is nothing", () => {
  expect(momentText(1e20)).toBe("");
  expect(momentText(1_795_509_630_488)).toMatch(/2026|Nov/);
});

describe("what is left", () => {
  it.each([
    [0, undefined],
    [-5, undefined],
    [1, "less than a minute"],
    [60_000, "1 min"],
    [89 * 60_000, "89 min"],
    [90 * 60_000, "1 h"],
    [24 * 3_600_000 - 1, "23 h"],
    [48 * 3_600_000, "2 days"],
  ])("%d ms", (left, words) => {
    expect(leftText(1_000 + left, 1_000)).toBe(words);
  });
});
