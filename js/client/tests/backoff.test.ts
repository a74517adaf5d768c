import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff, delayMs, FIRST_WINDOW, spreadMs } from "../src/backoff.js";
import { MachineError } from "../src/errors.js";

const roll = fc.double({ min: 0, max: 1, noNaN: true });
const window = fc.record({ min_ms: fc.nat(5_000), max_ms: fc.nat(60_000) });

describe("delayMs", () => {
  it("stays between nothing and a ceiling that doubles up to the window's end", () => {
    fc.assert(
      fc.property(fc.nat(2_000), roll, window, (attempt, dice, { min_ms, max_ms }) => {
        const wait = delayMs(attempt, dice, { min_ms, max_ms });
        expect(Number.isSafeInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(max_ms, min_ms * 2 ** Math.min(attempt, 32)));
      }),
    );
  });

  it("reaches both ends", () => {
    expect(delayMs(0, 0, FIRST_WINDOW)).toBe(0);
    expect([0, 1, 2, 5, 6, 999].map((attempt) => delayMs(attempt, 1, FIRST_WINDOW))).toEqual([
      500, 1_000, 2_000, 16_000, 20_000, 20_000,
    ]);
  });

  it.each([
    [-1, 0.5],
    [0, -0.1],
    [0, 1.1],
    [0, NaN],
  ])("refuses attempt %d with the roll %d", (attempt, dice) => {
    expect(() => delayMs(attempt, dice, FIRST_WINDOW)).toThrow(MachineError);
  });
});

it("spreadMs adds an even share", () => {
  expect(spreadMs(100, 1_000, 0.25)).toBe(350);
  expect(spreadMs(-5, -5, 1)).toBe(0);
});

describe("Backoff", () => {
  it("counts tries, and begins anew on a reset", () => {
    const backoff = new Backoff();
    expect([backoff.plan(0, 1), backoff.plan(0, 1), backoff.plan(0, 1)]).toEqual([500, 1_000, 2_000]);
    backoff.reset();
    expect([backoff.plan(0, 1), backoff.attempt]).toEqual([500, 1]);
  });

  it("waits for the latest time named, plus its own share", () => {
    const backoff = new Backoff();
    backoff.askedToWait(5_000);
    backoff.askedToWait(3_000);
    expect(backoff.plan(1_000, 0.5)).toBe(5_250);
    expect(backoff.soonest()).toBe(5_000);
    backoff.welcomed({ min_ms: 10, max_ms: 20 });
    expect([backoff.notBefore, backoff.plan(1_000, 1)]).toEqual([0, 1_020]);
  });

  it("spreads the first try over the leaving server's window, later ones by itself", () => {
    const backoff = new Backoff();
    backoff.askedToWait(1_000, 8_000);
    expect(backoff.plan(0, 0.5)).toBe(5_000);
    backoff.opening();
    expect(backoff.plan(2_000, 0.5)).toBe(2_500);
  });

  it("has no time without a network", () => {
    const backoff = new Backoff();
    backoff.offline = true;
    expect([backoff.plan(0, 1), backoff.attempt]).toEqual([undefined, 1]);
  });
});
