import { expect, it } from "vitest";
import { partOf, textOf } from "../../src/shipment/refusedText.js";

it("one line of text, or nothing", () => {
  expect([textOf("x"), textOf(5), textOf(null), textOf({})]).toEqual(["x", "5", undefined, undefined]);
  expect([partOf({ name: "Ann" }, "name"), partOf({}, "name"), partOf(null, "name"), partOf("x", "name")]).toEqual([
    "Ann",
    undefined,
    undefined,
    undefined,
  ]);
});
