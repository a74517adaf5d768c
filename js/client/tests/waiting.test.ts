import { expect, it } from "vitest";
import { Waiting } from "../src/waiting.js";

it("gives all who wait for an id the same answer", async () => {
  const waiting = new Waiting<number>();
  const both = [waiting.answer("a"), waiting.answer("a")];
  waiting.resolve("b", 2);
  expect(waiting.has("a")).toBe(true);
  waiting.resolve("a", 1);
  waiting.reject("a", new Error("too late"));
  expect(await Promise.all(both)).toEqual([1, 1]);
  expect(waiting.has("a")).toBe(false);
});

it("tells all of them when there will be no answer", async () => {
  const waiting = new Waiting<number>();
  const all = ["a", "b"].map((id) => waiting.answer(id));
  waiting.rejectAll(new Error("over"));
  expect(await Promise.allSettled(all)).toMatchObject([
    { reason: { message: "over" } },
    { reason: { message: "over" } },
  ]);
});
