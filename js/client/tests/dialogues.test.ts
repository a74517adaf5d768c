/** The golden dialogues of the client, and the player that plays them. */

import { describe, expect, it } from "vitest";
import type { JsonObject } from "../src/json.js";
import type { Dialogue } from "./support/dialogues.js";
import { canonical, load, names, play } from "./support/dialogues.js";

describe("golden dialogues", () => {
  it.each(names())("%s", (name) => {
    expect(play(load(name))).toBeGreaterThan(0);
  });

  it("are all there", () => {
    expect(names().length).toBeGreaterThanOrEqual(30);
  });
});

const EXPECTED = [
  { out: "banner", status: "connecting" },
  { out: "open", connection: 1, query: {} },
  { out: "set_timer", at: 10_000 },
];

const START: JsonObject = { at_ms: 0, call: "start", expect: EXPECTED };

function telling(...steps: JsonObject[]): Dialogue {
  return { name: "x", machine: "client", given: {}, steps };
}

describe("the player", () => {
  it("passes a right dialogue", () => {
    expect(play(telling(START))).toBe(3);
  });

  it.each<[words: string, dialogue: Dialogue]>([
    ["not listed", telling({ ...START, expect: EXPECTED.slice(0, 2) })],
    ["nothing came", telling({ ...START, expect: [...EXPECTED, { out: "close" }] })],
    ["came\n", telling({ ...START, expect: [...EXPECTED].reverse() })],
    ["came\n", telling({ ...START, expect: [{ out: "banner", status: "connecting", attempt: 1 }] })],
    ["nothing was raised", telling({ ...START, raises: "MachineError" })],
    ["raised: A client that is connecting", telling(START, { at_ms: 1, call: "start", raises: "OtherError" })],
    ["no input", telling({ ...START, call: "nonsense" })],
    ["unknown words", telling({ ...START, hope: 1 })],
    ["raised", telling({ ...START, call: "opened" })],
    ["one input at most", telling({ ...START, timer: true })],
    ["at least", telling({ at_ms: 0 })],
    ["stands at 10000", telling(START, { at_ms: 9999, timer: true })],
    ["should have fired", telling(START, { at_ms: 10_001, call: "opened" })],
    ["backwards", telling(START, { at_ms: -1, call: "opened" })],
  ])("fails a wrong one: %s", (words, dialogue) => {
    expect(() => play(dialogue)).toThrow(words);
  });

  it("compares whole, whatever the order of keys", () => {
    expect(canonical({ a: [1, null], b: { c: "x" } })).toBe(canonical({ b: { c: "x" }, a: [1, null] }));
    expect(canonical({ a: 1 })).not.toBe(canonical({ a: true }));
    expect(() => canonical({ a: undefined })).toThrow("not JSON");
  });
});
