import { expect, it } from "vitest";
import { TIMERS } from "../../src/browser/timers.js";

it("fires what was not cleared", async () => {
  const fired: string[] = [];
  const cleared = TIMERS.set(() => fired.push("cleared"), 1);
  TIMERS.clear(cleared);
  TIMERS.clear(undefined);
  await new Promise<void>((done) => {
    TIMERS.set(() => {
      fired.push("set");
      done();
    }, 5);
  });
  expect(fired).toEqual(["set"]);
});
