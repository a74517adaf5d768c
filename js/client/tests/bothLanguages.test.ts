/**
 * The machine in TypeScript beside the one in Python: whatever happens to both, they say the same. The golden dialogues
 * tell the stories that somebody thought of; here chance tells them.
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClientMachine } from "../src/client.js";
import type { Output } from "../src/clientOutputs.js";
import { MachineError } from "../src/errors.js";
import type { Json, JsonObject } from "../src/json.js";
import type { Command } from "../src/outbox.js";
import { canonical } from "./support/dialogues.js";
import { NOT_RUN } from "./support/serverProcess.js";
import { event, recovered, WELCOME } from "./support/surroundings.js";

const PYTHON = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
const SCRIPT = fileURLToPath(new URL("support/machine.py", import.meta.url));
const LIVES = 400;

const IDENTITY = { session_id: "s-1", device: "d", hello: true };
const KEPT = {
  position: { epoch: "e1", offset: 7 },
  state: { title: "Shoes" },
  token: "t",
  outbox: [{ type: "user_message", id: "m-0", text: "before" }],
};

/** One input, in full: what Python is given too. */
type Step = { readonly at: number; readonly roll: number; readonly do: string } & { readonly [word: string]: Json };

/** An input whose details depend on where the machine is by then. */
type Plan = (machine: ClientMachine) => JsonObject;

const always = (step: JsonObject): fc.Arbitrary<Plan> => fc.constant(() => step);
const frame = (make: (offset: number) => JsonObject): Plan => {
  return (machine) => ({ do: "received", text: JSON.stringify(make(machine.exchange.replica.position?.offset ?? 0)) });
};
const commandIds = fc.constantFrom("m-0", "m-1", "m-2", "m-3");
const message = (id: string): JsonObject => ({ type: "user_message", id, text: "x" });

const frames: fc.Arbitrary<Plan> = fc.oneof(
  // The next event, one from before, one too far on; some bear the id of a command.
  fc
    .record({
      step: fc.constantFrom(1, 1, 1, 1, 1, 1, 0, -2, 2),
      type: fc.constantFrom("user_message", "agent_message", "turn_ended", "from_the_future"),
      id: fc.option(commandIds),
      patch: fc.constantFrom<Json>(null, { title: null }, { a: { b: [1, null] } }, { a: { c: null } }),
      turn_id: fc.constantFrom("t-1", "t-2"),
    })
    .map(({ step, type, ...fields }) => frame((offset) => event(offset + step, type, fields))),
  fc
    .record({ id: commandIds, duplicate: fc.boolean() })
    .map((ack) => frame((offset) => ({ type: "ack", session_id: "s-1", acks: [{ ...ack, offset: offset + 1 }] }))),
  fc
    .record({
      id: fc.oneof(commandIds, fc.constantFrom("h-1", null)),
      code: fc.constantFrom("rate_limited", "retry_in_order", "id_reused", "expired", "sign_in", "policy"),
      retry_after_ms: fc.option(fc.constantFrom(0, 70, 3_000)),
    })
    .chain((fields) =>
      fc.boolean().map((temporary) => frame(() => ({ type: "error", message: "No.", temporary, ...fields }))),
    ),
  fc
    .record({ turn_id: fc.constantFrom("t-1", "t-2"), index: fc.nat(3), text: fc.constantFrom("a", "bc") })
    .map((fields) => frame(() => ({ type: "agent_delta", session_id: "s-1", ...fields }))),
  fc.constantFrom<Plan>(
    frame(() => ({ type: "history_page", session_id: "s-1", id: "h-1", events: [], more: false })),
    frame(() => ({ type: "presence", session_id: "s-1", devices: [] })),
    frame(() => ({ type: "pong", session_id: "s-1" })),
    frame(() => ({ type: "going_away", session_id: "s-1", retry_after_ms: 400, window_ms: 6_000 })),
    frame((offset) => ({ ...event(offset + 1, "user_message"), session_id: "s-2" })),
    frame(() => ({ type: "ack", session_id: "s-1", acks: 7 })),
    () => ({ do: "received", text: "{" }),
    () => ({ do: "received", text: "[1]" }),
  ),
);

const welcome: fc.Arbitrary<Plan> = fc
  .record({
    as: fc.constantFrom("recovered", "recovered", "recovered", "snapshot", "wrong place", "wrong session", "no state"),
    replayed: fc.nat(2),
    turn: fc.option(fc.record({ turn_id: fc.constant("t-1"), text: fc.constant("So"), next_index: fc.constant(1) })),
    reason: fc.option(fc.constantFrom("epoch", "limit")),
    limits: fc.constantFrom({}, { frame: 60 }),
    heartbeat_ms: fc.constantFrom(1_000, 25_000),
  })
  .map(({ as, replayed, reason, ...fields }) =>
    frame((offset) => {
      if (as === "recovered") return { ...WELCOME, ...fields, ...recovered(offset, replayed) };
      if (as === "wrong place") return { ...WELCOME, ...fields, ...recovered(offset + 3, replayed) };
      const changes: JsonObject = { reason, tail: [event(9, "x")], position: { epoch: "e2", offset: 9 } };
      if (as === "wrong session") changes.session_id = "s-2";
      if (as === "no state") changes.state = null;
      return { ...WELCOME, ...fields, ...changes };
    }),
  );

const closes = fc
  .record({
    code: fc.constantFrom(1006, 1006, 1006, 1001, 1009, 4000, 4001, 4100, 4200, 4201, 4300, 1000, 4999),
    retry_after_ms: fc.option(fc.constantFrom(10, 9_000)),
  })
  .map(({ code, retry_after_ms }): Plan => {
    return () => ({ do: "closed", code, ...(retry_after_ms === null ? {} : { retry_after_ms }) });
  });

/** What most likely comes next in the machine's state, so that lives get somewhere. */
const usual: fc.Arbitrary<Plan> = fc.tuple(welcome, frames, closes).map(([greet, hear, close]): Plan => {
  return (machine) => {
    switch (machine.status) {
      case "idle":
        return { do: "start" };
      case "connecting":
        return { do: "opened" };
      case "greeting":
        return greet(machine);
      case "live":
        return hear(machine);
      case "waiting":
        return { do: "timer" };
      case "sign_in":
        return { do: "token", token: "t-2" };
      case "stopped":
        return close(machine);
    }
  };
});

const plans = fc.oneof(
  { weight: 12, arbitrary: usual },
  { weight: 3, arbitrary: commandIds.map((id): Plan => () => ({ do: "submit", frame: message(id) })) },
  { weight: 3, arbitrary: always({ do: "timer" }) },
  { weight: 1, arbitrary: closes },
  { weight: 1, arbitrary: frames },
  { weight: 1, arbitrary: welcome },
  { weight: 1, arbitrary: fc.nat(4).chain((connection) => always({ do: "opened", connection })) },
  { weight: 1, arbitrary: always({ do: "submit", frame: { type: "stop", id: "m-1", turn_id: "t-1" } }) },
  { weight: 1, arbitrary: always({ do: "ask", frame: { type: "history", id: "h-1" } }) },
  { weight: 1, arbitrary: always({ do: "tell", frame: { type: "seen" } }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom("try_now", "online", "offline", "start").chain((name) => always({ do: name })),
  },
  { weight: 1, arbitrary: always({ do: "token", token: "t-3" }) },
);

const lives = fc.array(
  fc.record({
    plan: plans,
    later: fc.constantFrom(0, 0, 1, 20, 260, 1_000, 5_000, 15_000),
    roll: fc.constantFrom(0, 0.3, 0.5, 1),
  }),
  { minLength: 20, maxLength: 60 },
);

function call(machine: ClientMachine, step: Step): Output[] {
  const { at, roll } = step;
  const connection = step.connection as number | undefined;
  switch (step.do) {
    case "start":
      return machine.start(at, KEPT);
    case "opened":
      return machine.opened(at, connection);
    case "received":
      return machine.received(at, step.text as string, roll, connection);
    case "closed":
      return machine.closed(at, step.code as number, roll, connection, step.retry_after_ms as number | undefined);
    case "timer":
      return machine.timer(at, roll);
    case "online":
      return machine.online(at, roll);
    case "submit":
      return machine.submit(at, step.frame as Command);
    case "ask":
      return machine.ask(step.frame as JsonObject);
    case "tell":
      return machine.tell(step.frame as JsonObject);
    case "token":
      return machine.token(at, step.token as string);
    case "try_now":
      return machine.tryNow(at);
    case "offline":
      return machine.offline(at);
    default:
      throw new Error(`no such input: ${step.do}`);
  }
}

interface Told {
  readonly inputs: Step[];
  readonly said: (Output[] | null)[];
}

function live(plan: ReturnType<typeof lives.generate>["value"]): Told {
  const machine = new ClientMachine(IDENTITY);
  const told: Told = { inputs: [], said: [] };
  let at = 0;
  for (const { plan: next, later, roll } of plan) {
    const step = { ...next(machine), at: (at += later), roll } as unknown as Step;
    told.inputs.push(step);
    try {
      told.said.push(call(machine, step));
    } catch (error) {
      if (!(error instanceof MachineError)) throw error;
      told.said.push(null);
    }
  }
  return told;
}

describe.skipIf(NOT_RUN !== undefined)("beside Python", () => {
  it("says the same to the same inputs", () => {
    const told = fc.sample(lives, LIVES).map(live);
    const question = told.map(({ inputs }) => ({ identity: IDENTITY, kept: KEPT, inputs }));
    const python = spawnSync(PYTHON, [SCRIPT], {
      input: JSON.stringify(question),
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    expect(python.stderr).toBe("");
    const answers = JSON.parse(python.stdout) as (Json[] | null)[][];
    const seen = new Set<string>();
    told.forEach(({ inputs, said }, life) => {
      said.forEach((outputs, at) => {
        const theirs = answers[life]?.[at];
        const story = () =>
          inputs
            .slice(0, at + 1)
            .map((step) => JSON.stringify(step))
            .join("\n");
        expect(canonical(outputs), `after\n${story()}`).toBe(canonical(theirs));
        outputs?.forEach((output) => seen.add(output.out === "banner" ? output.status : output.out));
      });
    });
    // And that is not so for want of happenings.
    expect([...seen]).toEqual(
      expect.arrayContaining(
        "close settled failed refused answer recovered resumed snapshot delta turn_text still_working sign_in stopped offline".split(
          " ",
        ),
      ),
    );
  });
});
