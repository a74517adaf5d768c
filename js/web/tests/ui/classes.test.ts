import { expect, it } from "vitest";
import { classes } from "../../src/ui/classes.js";

it("joins the names there are", () => {
  expect(classes("a", undefined, false, "b", null, "")).toBe("a b");
  expect(classes(undefined)).toBe("");
});
