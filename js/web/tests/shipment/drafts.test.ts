import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  draftsOf,
  otherValue,
  readDrafts,
  sidesOf,
  textOfDrafts,
  toKeep,
  typed,
  without,
} from "../../src/shipment/drafts.js";
import { readParcel } from "../../src/shipment/parcel.js";

it("a draft remembers what the field showed when it began", () => {
  const first = typed({}, "from", "9", "90210");
  const later = typed(first, "from", "94", "10001");
  expect(later).toEqual({ from: { text: "94", base: "90210" } });
});

it("typing back what is there is no draft", () => {
  expect(typed({ from: { text: "9", base: "90210" } }, "from", "90210", "90210")).toEqual({});
});

it("drops a field or a whole group, and gives back the same when there is nothing to drop", () => {
  const drafts = typed(typed({}, "sender.name", "A", ""), "to", "1", "");
  expect(without(drafts, "sender")).toEqual({ to: { text: "1", base: "" } });
  expect(without(drafts, "send")).toBe(drafts);
});

it("offers what somebody else made of the field meanwhile", () => {
  const draft = { text: "94", base: "90210" };
  expect(otherValue(draft, "90210")).toBeUndefined();
  expect(otherValue(draft, "10001")).toBe("10001");
  expect(otherValue(draft, "94")).toBeUndefined();
  expect(otherValue(undefined, "10001")).toBeUndefined();
});

it("reads what was kept, whatever it is", () => {
  expect(readDrafts({ from: { text: "9", base: "" }, to: { text: 1, base: "" }, weight: null })).toEqual({
    from: { text: "9", base: "" },
  });
  assert(
    property(jsonValue(), (value) => {
      readDrafts(value);
      readDrafts({ from: value });
    }),
  );
});

it("is kept as text, which is read again", () => {
  const drafts = typed({}, "from", "9", "");
  expect(draftsOf(textOfDrafts(drafts) ?? undefined)).toEqual(drafts);
  expect(textOfDrafts({})).toBeNull();
  expect([draftsOf(undefined), draftsOf("{"), draftsOf("[1]")]).toEqual([{}, {}, {}]);
});

it("three sides", () => {
  expect(sidesOf("12x10x8")).toEqual(["12", "10", "8"]);
  expect(sidesOf("")).toEqual(["", "", ""]);
  expect(sidesOf("1x2")).toEqual(["1", "2", ""]);
  expect(sidesOf("1x2x3x4")).toEqual(["", "", ""]);
});

describe("what is kept for the next life of the page", () => {
  const { details } = readParcel({ shipping_details: { from: "90210", dimensions: "1x2x3" } }, []);
  const refusal = (values: Record<string, unknown>) =>
    new Map(Object.entries(values).map(([key, value]) => [key, { value }] as const));

  it("has what the server refused, though the field was left", () => {
    expect(toKeep({}, refusal({ from: "1000", weight_lbs: 900 }), details)).toEqual({
      from: { text: "1000", base: "90210" },
      weight_lbs: { text: "900", base: "" },
    });
  });

  it("has the sides and parts that differ, each for its own field", () => {
    expect(toKeep({}, refusal({ dimensions: "1x2x999", sender: { name: "Ana", street: "?" } }), details)).toEqual({
      "dimensions.2": { text: "999", base: "3" },
      "sender.name": { text: "Ana", base: "" },
      "sender.street": { text: "?", base: "" },
    });
  });

  it("has what is typed anew in place of it", () => {
    const drafts = { from: { text: "100", base: "90210" } };
    expect(toKeep(drafts, refusal({ from: "1000" }), details)).toEqual(drafts);
  });
});
