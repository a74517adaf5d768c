import { expect, it } from "vitest";

it("runs", () => {
  expect(document.title).toBe("");
});
