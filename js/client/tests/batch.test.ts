import { expect, it } from "vitest";
import { Batch } from "../src/batch.js";
import { TurnedClock } from "./support/turnedClock.js";

it("calls at once for the first change, and once for those that follow closely", () => {
  const clock = new TurnedClock();
  let calls = 0;
  const batch = new Batch(clock, () => (calls += 1), 16);
  batch.mark();
  expect(calls).toBe(1);
  for (let at = 0; at < 1_000; at += 1) batch.mark();
  expect(calls).toBe(1);
  clock.pass(16);
  expect(calls).toBe(2);
  batch.mark();
  clock.pass(16);
  expect(calls).toBe(3);
  clock.pass(100);
  expect(clock.isArmed).toBe(false);
  batch.mark();
  expect(calls).toBe(4);
});

it("takes a change that a call itself makes", () => {
  const clock = new TurnedClock();
  let calls = 0;
  const batch = new Batch(clock, () => {
    calls += 1;
    if (calls < 3) batch.mark();
  });
  batch.mark();
  clock.pass(100);
  expect(calls).toBe(3);
});

it("calls no more after its end", () => {
  const clock = new TurnedClock();
  let calls = 0;
  const batch = new Batch(clock, () => (calls += 1));
  batch.mark();
  batch.mark();
  batch.end();
  batch.mark();
  clock.pass(100);
  expect(calls).toBe(1);
});
