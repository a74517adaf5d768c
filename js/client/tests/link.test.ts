import { describe, expect, it } from "vitest";
import { MachineError } from "../src/errors.js";
import { GREETING_MS, handshake, Link, PONG_MS, SILENCE_MS, STABLE_MS } from "../src/link.js";

it("the handshake asks for a new session by its key, and comes back to a known one with a position", () => {
  expect(handshake({ new: "k", device: "d", client: "c" }, undefined, undefined)).toEqual({
    new: "k",
    device: "d",
    client: "c",
  });
  expect(handshake({ new: "k" }, "s", { epoch: "e", offset: 0 })).toEqual({ session_id: "s", epoch: "e", offset: 0 });
});

describe("Link", () => {
  it("counts neither what comes from an older one nor what comes after it was given up", () => {
    const link = new Link(2, 0);
    expect([link.isStale(undefined), link.isStale(2), link.isStale(1)]).toEqual([false, false, true]);
    expect(() => link.isStale(3)).toThrow(MachineError);
    link.attached = false;
    expect([link.isStale(undefined), link.isStale(2)]).toEqual([true, true]);
    expect(new Link().isStale(undefined)).toBe(false);
  });

  it("gives opening and greeting a time each", () => {
    const link = new Link(1, 5);
    expect(link.giveUpAt).toBe(5 + GREETING_MS);
    link.opened(100);
    expect(link.giveUpAt).toBe(100 + GREETING_MS);
  });

  it("asks after a silence, once, and is lost without an answer", () => {
    const link = new Link(1, 0);
    link.welcomed(0, 25_000);
    expect([link.isSilent(SILENCE_MS - 1), link.isSilent(SILENCE_MS), link.deadline()]).toEqual([
      false,
      true,
      SILENCE_MS,
    ]);
    expect([link.test(SILENCE_MS), link.test(SILENCE_MS + 1)]).toEqual([true, false]);
    expect(link.deadline()).toBe(SILENCE_MS + PONG_MS);
    expect([link.isLost(SILENCE_MS + PONG_MS - 1), link.isLost(SILENCE_MS + PONG_MS)]).toEqual([false, true]);
    link.heard(SILENCE_MS + 10);
    expect([link.isLost(SILENCE_MS + PONG_MS), link.deadline()]).toEqual([false, 2 * SILENCE_MS + 10]);
  });

  it("is tested sooner when the server wants it, never later, and never all the time", () => {
    const deadlines = [1, 8_000, 60_000].map((heartbeat) => {
      const link = new Link(1, 0);
      link.welcomed(0, heartbeat);
      return link.deadline();
    });
    expect(deadlines).toEqual([PONG_MS, 8_000, SILENCE_MS]);
  });

  it("was stable after a second of life, not before a welcome", () => {
    const link = new Link(1, 0);
    expect(link.wasStable(60_000)).toBe(false);
    link.welcomed(10, 25_000);
    expect([link.wasStable(10 + STABLE_MS - 1), link.wasStable(10 + STABLE_MS)]).toEqual([false, true]);
  });

  it("ends for the reason the server gave, or by the name of the code", () => {
    const link = new Link(1, 0);
    expect([link.reason(4300), link.reason(4999), link.message()]).toEqual(["replaced", "4999", undefined]);
    link.lastWords = { type: "error", code: "policy", message: "No.", temporary: false };
    expect([link.reason(4302), link.message()]).toEqual(["policy", "No."]);
  });
});
