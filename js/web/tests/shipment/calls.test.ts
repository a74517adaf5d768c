import type { Json, SessionEvent } from "@shipanion/client";
import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { readCalls } from "../../src/shipment/calls.js";
import { BOB, call, callFrame, event } from "./states.js";

const asked = (offset: number, id: string, tool: string, by = {}) =>
  event(offset, "client_tool_call", { ...callFrame(id, tool), ...by });
const answered = (offset: number, id: string, tool: string, result: object, isError = false) =>
  event(offset, "client_tool_result", {
    tool_call_id: id,
    tool_name: tool,
    result: result as Record<string, string>,
    is_error: isError,
    by: BOB,
  });

describe("what is under way", () => {
  it("from the moment it is kept to its result", () => {
    const pending = [call("t1", "create_label")];
    expect(readCalls([], pending).open).toMatchObject([{ id: "t1", isUnsent: true, isByPerson: true }]);
    const events = [asked(1, "t1", "create_label")];
    expect(readCalls(events, []).open).toMatchObject([{ id: "t1", isUnsent: false }]);
    expect(readCalls([...events, answered(2, "t1", "create_label", {})], []).open).toEqual([]);
  });

  it("says whether a person asked", () => {
    expect(readCalls([asked(1, "b1", "get_shipping_quotes", { by: BOB })], []).open[0]?.isByPerson).toBe(false);
  });
});

describe("what failed", () => {
  const failed = [
    asked(1, "t1", "get_shipping_quotes"),
    answered(2, "t1", "get_shipping_quotes", { error: "No place has it.", code: "unknown_zip", field: "to_zip" }, true),
  ];
  const failure = (events: SessionEvent[], pending = [] as Parameters<typeof readCalls>[1]) =>
    readCalls(events, pending).failed.get("get_shipping_quotes");

  it("a person's call, with its sentence and field", () => {
    expect(failure(failed)).toEqual({ id: "t1", say: "No place has it.", code: "unknown_zip", field: "to_zip" });
  });

  it.each([
    ["the same tool is asked again", [...failed, asked(3, "t2", "get_shipping_quotes")]],
    ["what it was about changes", [...failed, event(3, "state_changed", { patch: { shipping_details: { to: "1" } } })]],
    ["Bob's own calls are told by Bob", failed.map((each) => ({ ...each, by: BOB }) as unknown as SessionEvent)],
  ])("no more when %s", (_, events) => {
    expect(failure(events)).toBeUndefined();
  });

  it("no more while it is asked again", () => {
    expect(failure(failed, [call("t2", "get_shipping_quotes")])).toBeUndefined();
  });

  it("stays when something else changes", () => {
    expect(failure([...failed, event(3, "state_changed", { patch: { title: "Books" } })])?.id).toBe("t1");
  });
});

it("where a parcel is, whoever asked", () => {
  const result = {
    tracking_number: "N1",
    status: "IN_TRANSIT",
    simulated: true,
    estimated_delivery: "2026-11-30",
    events: [{ at: 5, status: "PRE_TRANSIT", text: "Label made", place: "Here" }, { at: "x" }, 7],
  };
  const { tracked } = readCalls(
    [asked(1, "b", "track_package", { by: BOB }), answered(2, "b", "track_package", result)],
    [],
  );
  expect(tracked.get("N1")).toEqual({
    asked: 1_002,
    number: "N1",
    status: "IN_TRANSIT",
    isMadeUp: true,
    estimated: "2026-11-30",
    events: [{ at: 5, status: "PRE_TRANSIT", text: "Label made", place: "Here" }],
  });
});

it("looks at the newest events only, however many there are", () => {
  const old = [asked(1, "t1", "create_label"), ...Array.from({ length: 500 }, (_, at) => event(at + 2, "turn_ended"))];
  expect(readCalls(old, []).open).toEqual([]);
});

it("takes any result and any call", () => {
  assert(
    property(jsonValue(), (any) => {
      const value = any as Json;
      const events = [
        event(1, "client_tool_call", { client_tool_call: value }),
        asked(2, "t1", "track_package"),
        event(3, "client_tool_result", {
          tool_call_id: "t1",
          tool_name: "track_package",
          result: value,
          is_error: false,
        }),
        event(4, "client_tool_result", {
          tool_call_id: "t1",
          tool_name: "track_package",
          result: value,
          is_error: true,
        }),
        event(5, "client_tool_result", {
          tool_call_id: "t2",
          tool_name: "track_package",
          result: { tracking_number: "N", events: [value] },
          is_error: false,
        }),
      ];
      readCalls(events, [{ id: "x", command: { type: "client_tool_call", client_tool_call: value } }]);
    }),
  );
});
