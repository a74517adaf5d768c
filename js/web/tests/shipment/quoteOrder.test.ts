import { expect, it } from "vitest";
import { readParcel } from "../../src/shipment/parcel.js";
import { best, notesOf, ordered } from "../../src/shipment/quoteOrder.js";
import { EXPRESS, GROUND } from "./states.js";

const quotes = (...each: object[]) => readParcel({ quotes: each }).quotes;
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

it("by price and by days, the other figure deciding between equals", () => {
  const three = quotes({ ...GROUND, id: "b" }, { ...EXPRESS, id: "c" }, { ...GROUND, id: "a", transit_days: 3 });
  expect(ids(ordered(three, "price"))).toEqual(["a", "b", "c"]);
  expect(ids(ordered(three, "days"))).toEqual(["c", "a", "b"]);
});

it("without days comes last by days, and is never the fastest", () => {
  const unknown = { id: "u", carrier: "USPS", service: "Slow", cost: 1 };
  expect(ids(ordered(quotes(unknown, GROUND), "days"))).toEqual(["usps-ground-advantage", "u"]);
  expect(best(quotes(unknown, { ...unknown, id: "v" }))).toEqual({ cheapest: "u" });
});

it("what stands out, where there is a choice", () => {
  expect(best(quotes(GROUND, EXPRESS))).toEqual({
    cheapest: "usps-ground-advantage",
    fastest: "usps-priority-mail-express",
  });
  expect(best(quotes(GROUND))).toEqual({});
});

it("each note once", () => {
  expect(notesOf(quotes(GROUND, EXPRESS, { ...EXPRESS, id: "x", notes: ["Other."] }))).toEqual([
    "Days are usual, not promised.",
    "Other.",
  ]);
});
