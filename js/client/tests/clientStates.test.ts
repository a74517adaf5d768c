import { expect, it } from "vitest";
import type { Input, State } from "../src/clientStates.js";
import { TRANSITIONS } from "../src/clientStates.js";

const STATES = Object.keys(TRANSITIONS) as State[];
const ways = (state: State) => Object.entries(TRANSITIONS[state]) as [Input, State[]][];

it("every way leads somewhere, and every state can be reached", () => {
  const reached = new Set<State>(["idle"]);
  for (const state of STATES) {
    for (const [, to] of ways(state)) {
      expect(to.length).toBeGreaterThan(0);
      to.forEach((next) => reached.add(next));
    }
  }
  expect([...reached].sort()).toEqual([...STATES].sort());
});

it("the application can end it everywhere, and begin it once", () => {
  expect(STATES.filter((state) => TRANSITIONS[state].stop?.join() !== "stopped")).toEqual([]);
  expect(STATES.filter((state) => TRANSITIONS[state].start !== undefined)).toEqual(["idle"]);
});

it("commands are taken wherever there is or will be a connection", () => {
  expect(STATES.filter((state) => TRANSITIONS[state].submit === undefined)).toEqual(["idle", "stopped"]);
});
