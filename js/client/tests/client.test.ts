import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClientMachine } from "../src/client.js";
import type { Output } from "../src/clientOutputs.js";
import type { Input, State } from "../src/clientStates.js";
import { TRANSITIONS } from "../src/clientStates.js";
import { MachineError } from "../src/errors.js";
import type { JsonObject } from "../src/json.js";
import { canonical } from "./support/dialogues.js";
import { event, recovered, WELCOME } from "./support/surroundings.js";

const KEPT = { position: { epoch: "e1", offset: 7 }, state: { title: "Shoes" } };
const says = (frame: JsonObject) => JSON.stringify(frame);

/** What brings a machine into each state, from `idle` on. */
const ROADS: { readonly [state in State]: readonly ((machine: ClientMachine) => Output[])[] } = (() => {
  const start = (machine: ClientMachine) => machine.start(0, KEPT);
  const opened = (machine: ClientMachine) => machine.opened(0);
  const greeted = (machine: ClientMachine) => machine.received(0, says({ ...WELCOME, ...recovered(7) }), 0.5);
  return {
    idle: [],
    connecting: [start],
    greeting: [start, opened],
    live: [start, opened, greeted],
    waiting: [start, (machine) => machine.closed(0, 1006, 0.5)],
    sign_in: [start, (machine) => machine.closed(0, 4200, 0.5)],
    stopped: [start, (machine) => machine.closed(0, 4300, 0.5)],
  };
})();

const INPUTS: { readonly [input in Input]: (machine: ClientMachine) => Output[] } = {
  start: (machine) => machine.start(1, KEPT),
  opened: (machine) => machine.opened(1),
  received: (machine) => machine.received(1, says(WELCOME), 0.5),
  closed: (machine) => machine.closed(1, 1006, 0.5),
  timer: (machine) => machine.timer(1, 0.5),
  submit: (machine) => machine.submit(1, { type: "user_message", id: "m", text: "x" }),
  ask: (machine) => machine.ask({ type: "history", id: "h" }),
  tell: (machine) => machine.tell({ type: "seen" }),
  try_now: (machine) => machine.tryNow(1),
  online: (machine) => machine.online(1, 0.5),
  offline: (machine) => machine.offline(1),
  token: (machine) => machine.token(1, "t"),
  stop: (machine) => machine.stop(),
};

function inState(state: State): ClientMachine {
  const machine = new ClientMachine({ session_id: "s-1" });
  for (const step of ROADS[state]) step(machine);
  expect(machine.status).toBe(state);
  return machine;
}

/** All that a machine shows of itself. */
function face({ status, banner, exchange }: ClientMachine): string {
  const { position, state } = exchange.replica;
  const all = { status, banner, position, state, outbox: exchange.outbox.commands(), asked: [...exchange.questions] };
  return JSON.stringify(all);
}

const CASES = (Object.keys(ROADS) as State[]).flatMap((state) =>
  (Object.keys(INPUTS) as Input[]).map((input): [State, Input] => [state, input]),
);

describe("the machine holds itself to its table", () => {
  it.each(CASES)("%s: %s", (state, input) => {
    const machine = inState(state);
    const before = face(machine);
    const allowed = TRANSITIONS[state][input];
    // Without a connection nothing can come from one: that is ignored, not refused.
    const isOfLine = ["opened", "received", "closed"].includes(input);
    if (allowed !== undefined) {
      INPUTS[input](machine);
      expect(allowed).toContain(machine.status);
    } else if (isOfLine && ["waiting", "sign_in", "stopped"].includes(state)) {
      expect(INPUTS[input](machine)).toEqual([]);
      expect(face(machine)).toBe(before);
    } else {
      expect(() => INPUTS[input](machine)).toThrow(MachineError);
      expect(face(machine)).toBe(before);
    }
  });

  it.each<[string, (machine: ClientMachine) => Output[]]>([
    ["a roll that is none", (machine) => machine.closed(1, 1006, 2)],
    ["a roll that is no number", (machine) => machine.received(1, says(event(8, "x")), NaN)],
    ["a connection that was never asked for", (machine) => machine.received(1, "{}", 0, 2)],
    ["a command without an id", (machine) => machine.submit(1, { type: "user_message", text: "x" })],
    ["a question without an id", (machine) => machine.ask({ type: "history" })],
  ])("%s changes nothing", (_, input) => {
    const machine = inState("live");
    const before = face(machine);
    expect(() => input(machine)).toThrow(MachineError);
    expect(face(machine)).toBe(before);
    expect(machine.received(2, says(event(8, "x")), 0.5).map(({ out }) => out)).toEqual(["deliver", "save"]);
  });

  it("an outbox with two meanings for one id starts nothing", () => {
    const machine = new ClientMachine();
    const outbox = ["x", "y"].map((text) => ({ type: "user_message", id: "m", text }));
    expect(() => machine.start(0, { outbox })).toThrow(MachineError);
    expect([machine.status, machine.exchange.outbox.size]).toEqual(["idle", 0]);
  });
});

describe("whatever a server says", () => {
  const frame = fc.oneof(
    fc.json(),
    fc
      .record({
        type: fc.constantFrom("welcome", "ack", "error", "agent_delta", "going_away", "user_message", "presence", "x", 7),
        session_id: fc.constantFrom("s-1", "s-2", null, 1),
        offset: fc.constantFrom(7, 8, 9, -1, 0.5, "8", null),
        patch: fc.jsonValue(),
        id: fc.constantFrom("m-1", "h-1", null, 5),
        code: fc.constantFrom("sign_in", "rate_limited", 3),
        message: fc.constantFrom("m", null),
        temporary: fc.constantFrom(true, false, "no"),
        retry_after_ms: fc.constantFrom(0, 10, -5, "1", null),
        window_ms: fc.constantFrom(0, 1_000),
        turn_id: fc.constantFrom("t", 1),
        index: fc.constantFrom(0, 1, 5),
        text: fc.constantFrom("piece", null),
        acks: fc.constantFrom([], [{ id: "m-1", offset: 8, duplicate: false }], [1], {}),
        position: fc.constantFrom({ epoch: "e1", offset: 7 }, { epoch: "e2", offset: 0 }, null),
      }, { requiredKeys: [] })
      .map((fields) => JSON.stringify(fields)),
    fc.constant(says(event(8, "x"))),
    fc.constant("[".repeat(20_000) + "]".repeat(20_000)),
  ); // prettier-ignore

  it("the machine throws nothing, speaks JSON, and delivers only what comes next", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
        const machine = inState("live");
        machine.submit(0, { type: "user_message", id: "m-1", text: "x" });
        machine.ask({ type: "history", id: "h-1" });
        let offset = 7;
        for (const text of frames) {
          for (const output of machine.received(1, text, 0.5)) {
            canonical(output);
            if (output.out === "deliver") expect(output.position.offset).toBe((offset += 1));
          }
          if (machine.status === "live") expect(machine.exchange.replica.position?.offset).toBe(offset);
        }
      }),
    );
  });

  it("a patch nested deeper than the stack holds is distrusted, and nothing of it is kept", () => {
    const machine = inState("live");
    const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    const text = says(event(8, "x", { patch: 0 })).replace('"patch":0', `"patch":${deep}`);
    expect(machine.received(1, text, 0.5)).toContainEqual({
      out: "close",
      connection: 1,
      code: 4000,
      reason: "malformed",
    });
    expect(machine.exchange.replica).toMatchObject(KEPT);
  });
});
