import { expect, it } from "vitest";
import * as errors from "../src/errors.js";

it("every error is one of ours and says its name", () => {
  for (const [name, kind] of Object.entries(errors)) {
    const made = new (kind as new (...words: string[]) => Error)("a", "b", "c");
    expect(made).toBeInstanceOf(errors.ShipanionError);
    expect(made.name).toBe(name);
  }
});

it("a tool's failure speaks with the tool's words", () => {
  expect(new errors.ToolFailed("t", { error: "Too heavy." }).message).toBe("Too heavy.");
  expect(new errors.ToolFailed("t", null).message).toBe("The tool failed.");
});
