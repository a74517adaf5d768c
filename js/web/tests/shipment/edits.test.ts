import type { ForApplication, SessionEvent } from "@shipanion/client";
import { describe, expect, it } from "vitest";
import type { Edits } from "../../src/shipment/edits.js";
import { beginning, forgotten, given, heard, mended } from "../../src/shipment/edits.js";
import { BOB, callFrame, DETAILED, DETAILS, edit, event } from "./states.js";

const delivered = (each: SessionEvent): ForApplication => ({
  out: "deliver",
  position: { epoch: "e", offset: each.offset },
  event: each,
});
const all = (edits: Edits, ...events: SessionEvent[]) =>
  events.reduce((before, each) => heard(before, delivered(each)), edits);
const changed = (offset: number, details: object, fields = {}) =>
  event(offset, "state_changed", { patch: { shipping_details: details as never }, ...fields });
const start = () => beginning(DETAILED);

describe("who changed what", () => {
  it("another window's edit, of what is different only", () => {
    const after = all(start(), changed(5, { ...DETAILS, weight_lbs: 6 }));
    expect([...after.changes]).toEqual([["weight_lbs", { by: "another window", offset: 5 }]]);
    expect(after.mover).toBe("another window");
  });

  it("Bob's edit, through a tool that he called", () => {
    const result = event(6, "client_tool_result", {
      tool_call_id: "b1",
      patch: { shipping_details: { to: "10002" } },
      by: BOB,
    });
    const after = all(
      start(),
      event(5, "client_tool_call", { ...callFrame("b1", "get_shipping_quotes"), by: BOB }),
      result,
    );
    expect(after.changes.get("to")?.by).toBe("Bob");
  });

  it("a tool's result is of who called it, though the server sends it in Bob's name", () => {
    const result = event(6, "client_tool_result", {
      tool_call_id: "o1",
      patch: { shipping_details: { to: "10002" } },
      by: BOB,
    });
    const after = all(start(), event(5, "client_tool_call", callFrame("o1", "get_shipping_quotes")), result);
    expect(after.changes.get("to")?.by).toBe("another window");
    const own = given(start(), [{ id: "o1", command: callFrame("o1", "get_shipping_quotes") }]);
    const mine = all(own, event(5, "client_tool_call", callFrame("o1", "get_shipping_quotes")), result);
    expect([mine.changes.size, mine.mover]).toEqual([0, undefined]);
  });

  it("this page's own edit is nobody else's, and takes their note away", () => {
    const before = all(start(), changed(5, { weight_lbs: 6 }));
    const after = all(given(before, [edit("u1", { weight_lbs: 7 })]), changed(6, { weight_lbs: 7 }, { id: "u1" }));
    expect(after.changes.size).toBe(0);
  });

  it("the kept state of an earlier life is no change", () => {
    const restored = given(beginning(undefined), [], DETAILED);
    expect(all(restored, changed(9, DETAILS)).changes.size).toBe(0);
  });

  it("neither is a snapshot, nor what has nothing to do with the details", () => {
    const snapshot = { out: "snapshot", position: { epoch: "e", offset: 9 }, state: DETAILED } as const;
    expect(heard(start(), snapshot).changes.size).toBe(0);
    const before = start();
    expect(heard(before, { out: "recovered", count: 0 })).toBe(before);
    expect(all(before, event(5, "agent_message", { text: "Hi" }))).toBe(before);
  });

  it("notes grow old", () => {
    const after = all(start(), changed(5, { weight_lbs: 6 }), changed(6, { to: "10002" }));
    expect([...forgotten(after, 5).changes.keys()]).toEqual(["to"]);
    expect(forgotten(after, 4)).toBe(after);
  });
});

describe("what was refused", () => {
  const refusal = (id: string) => ({ out: "failed", id, code: "bad_request", message: "No place has it." }) as const;
  const refused = () => heard(given(start(), [edit("u1", { from: "99999" })]), refusal("u1"));

  it("stands at the member it is about, with what was to be", () => {
    expect(refused().refused.get("from")).toEqual({ id: "u1", say: "No place has it.", value: "99999" });
  });

  it("until it is mended, or tried again", () => {
    expect(mended(refused(), "from").refused.size).toBe(0);
    expect(given(refused(), [edit("u2", { from: "90210" })]).refused.size).toBe(0);
    const other = refused();
    expect(mended(other, "to")).toBe(other);
  });

  it("is heard for edits of this page only", () => {
    const before = start();
    expect(heard(before, refusal("u9"))).toBe(before);
    const said = given(before, [{ id: "m1", command: { type: "user_message", id: "m1", text: "Hi" } }]);
    expect(heard(said, refusal("m1"))).toBe(said);
  });
});

it("what nobody gave is nothing new", () => {
  const before = given(start(), [edit("u1", { from: "1" })]);
  expect(given(before, [edit("u1", { from: "1" })])).toBe(before);
});
