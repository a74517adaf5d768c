import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Output } from "../src/clientOutputs.js";
import type { JsonObject } from "../src/json.js";
import type { SessionEvent } from "../src/wire.js";
import type { SessionSnapshot } from "../src/view.js";
import { dropped, given, isConnected, NOTHING, openApproval, restored, told } from "../src/view.js";
import { event } from "./support/surroundings.js";

const at = (offset: number) => ({ epoch: "e1", offset });
const save = (offset: number): Output => ({ out: "save", session_id: "s-1", position: at(offset), state: {} });
const deliver = (offset: number, type: string, fields: JsonObject): Output => ({
  out: "deliver",
  position: at(offset),
  event: event(offset, type, fields) as SessionEvent,
});
const show = (...outputs: Output[]): SessionSnapshot => outputs.reduce(told, NOTHING);
const command = (id: string) => ({ type: "user_message", id, text: "x" });

describe("pending commands", () => {
  const two = given(given(show(save(7)), command("m-1")), command("m-2"));
  const ids = (shown: SessionSnapshot) => shown.pending.map((item) => item.id);

  it("leave when they are refused, or in the log already", () => {
    expect(ids(told(two, { out: "failed", id: "m-1", code: "c", message: "m" }))).toEqual(["m-2"]);
    expect(ids(told(two, { out: "settled", id: "m-1", offset: 5, duplicate: true }))).toEqual(["m-2"]);
    expect(ids(dropped(two, "m-2"))).toEqual(["m-1"]);
  });

  it("that were acknowledged leave with their event, or with a snapshot", () => {
    const acked = told(two, { out: "settled", id: "m-1", offset: 9 });
    expect(acked.pending[0]).toMatchObject({ id: "m-1", acked: 9 });
    expect(ids(told(acked, save(8)))).toEqual(["m-1", "m-2"]);
    expect(ids(told(acked, save(9)))).toEqual(["m-2"]);
    expect(ids(told(acked, { out: "snapshot", position: at(4), state: {} }))).toEqual(["m-2"]);
  });

  it("of an earlier life come first", () => {
    const stored = { newKey: "k", device: "d", outbox: [command("m-0")], sessionId: "s-1" };
    expect(ids(restored(two, stored))).toEqual(["m-0", "m-1", "m-2"]);
  });
});

describe("turns", () => {
  it("wait in line until they have ended", () => {
    const both = show(
      deliver(1, "user_message", { text: "a", turn_id: "t-1" }),
      deliver(2, "user_message", { text: "b", turn_id: "t-2" }),
      deliver(2, "user_message", { text: "b", turn_id: "t-2" }),
    );
    expect([both.turn, both.turns]).toEqual(["t-1", ["t-1", "t-2"]]);
    const later = told(both, deliver(3, "turn_ended", { turn_id: "t-1", outcome: "completed" }));
    expect([later.turn, later.turns]).toEqual(["t-2", ["t-2"]]);
    const none = told(later, deliver(4, "turn_ended", { turn_id: "t-2", outcome: "stopped" }));
    expect([none.turns, "turn" in none]).toEqual([[], false]);
  });

  it("the one that the server names is the one that runs", () => {
    const shown = show(
      deliver(1, "user_message", { text: "a", turn_id: "t-1" }),
      { out: "turn_text", turn_id: "t-2", text: "So far" },
      { out: "delta", turn_id: "t-2", piece: " so", text: "So far so" },
    );
    expect(shown).toMatchObject({ turn: "t-2", draft: { turn_id: "t-2", text: "So far so" } });
    expect(told(shown, { out: "snapshot", position: at(9), state: {} }).turns).toEqual([]);
  });

  it("a draft goes with its own message or end, or with the next welcome", () => {
    const shown = show({ out: "delta", turn_id: "t-1", piece: "a", text: "a" });
    const isDrafted = (output: Output) => told(shown, output).draft !== undefined;
    expect(isDrafted(deliver(1, "agent_message", { turn_id: "t-0", text: "x" }))).toBe(true);
    expect(isDrafted(deliver(1, "agent_message", { turn_id: "t-1", text: "x" }))).toBe(false);
    expect(isDrafted(deliver(1, "turn_ended", { turn_id: "t-1", outcome: "failed" }))).toBe(false);
    expect(isDrafted({ out: "attached", session_id: "s-1" })).toBe(false);
  });
});

it("a digest stays until there is another one; devices and this device's place are the latest", () => {
  const digest = { since: 1, lines: ["It rained."] };
  const ann = { device: "d", name: "Ann" };
  const first = show({ out: "attached", session_id: "s-1", digest, devices: [ann], device_state: { step: 1 } });
  expect(first).toMatchObject({ digest, devices: [ann], deviceState: { step: 1 } });
  const second = told(first, { out: "attached", session_id: "s-1" });
  expect([second.digest, second.devices, "deviceState" in second]).toEqual([digest, [], false]);
  expect(told(second, { out: "notice", frame: { type: "presence", devices: [ann] } }).devices).toEqual([ann]);
  expect(told(second, { out: "notice", frame: { type: "auth_ok", expires_at: 1 } })).toBe(second);
});

it("is never changed in place", () => {
  const output = fc.constantFrom<Output>(
    save(8),
    { out: "banner", status: "live" },
    { out: "attached", session_id: "s-1" },
    { out: "snapshot", position: at(9), state: {} },
    { out: "turn_text", turn_id: "t-1", text: "x" },
    { out: "delta", turn_id: "t-1", piece: "x", text: "x" },
    { out: "settled", id: "m-1", offset: 9 },
    { out: "failed", id: "m-1", code: "c", message: "m" },
    deliver(9, "user_message", { turn_id: "t-2", text: "x" }),
    deliver(9, "turn_ended", { turn_id: "t-1", outcome: "completed" }),
  );
  fc.assert(
    fc.property(fc.array(output), (outputs) => {
      outputs.reduce(
        (shown, next) => {
          const before = JSON.stringify(shown);
          const after = told(Object.freeze(shown), next);
          expect(JSON.stringify(shown)).toBe(before);
          return after;
        },
        given(NOTHING, command("m-1")),
      );
    }),
  );
});

describe("the open question", () => {
  it("is what a yes typed now is meant for", () => {
    expect(openApproval({ approval: { approval_id: "a-1", text: "Shall I?" } })).toBe("a-1");
    for (const state of [undefined, {}, { approval: null }, { approval: {} }, { approval: { approval_id: 7 } }]) {
      expect(openApproval(state as JsonObject | undefined)).toBeNull();
    }
  });
});

it("is connected when everything comes, whatever else there is to say about it", () => {
  const statuses = [
    "live",
    "resumed",
    "snapshot",
    "still_working",
    "connecting",
    "reconnecting",
    "offline",
    "sign_in",
    "stopped",
  ] as const;
  expect(statuses.map((status) => isConnected({ ...NOTHING, status }))).toEqual([
    ...Array<boolean>(4).fill(true),
    ...Array<boolean>(5).fill(false),
  ]);
});
