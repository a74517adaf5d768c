import { expect, it } from "vitest";
import { standingOf } from "../../src/shipment/journey.js";

it.each([
  ["PRE_TRANSIT", "Not handed in yet", true],
  ["DELIVERED", "Delivered", false],
  ["RETURNED", "Sent back", false],
  ["", "Not seen yet", false],
  ["constructor", "Not seen yet", false],
])("%s", (status, text, isOpen) => {
  expect(standingOf(status)).toMatchObject({ text, isOpen });
});
