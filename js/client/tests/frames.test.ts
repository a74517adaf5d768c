import { describe, expect, it } from "vitest";
import { Malformed, readAck, readDelta, readError, readFrame, readGoingAway, readWelcome } from "../src/frames.js";
import type { Json, JsonObject } from "../src/json.js";

const WELCOME: JsonObject = {
  type: "welcome",
  session_id: "s",
  outcome: "snapshot",
  position: { epoch: "e", offset: 3 },
  replayed: 0,
  state: {},
  tail: [],
  devices: [{ device: "d", name: "Ann" }],
  heartbeat_ms: 25_000,
  limits: {},
  reconnect: {},
};

it("a frame is a JSON object; other JSON is none, and what is not JSON is malformed", () => {
  expect(readFrame('{"type":"pong"}')).toEqual({ type: "pong" });
  expect(readFrame("[1]")).toBeUndefined();
  expect(() => readFrame("{")).toThrow(Malformed);
});

describe("readWelcome", () => {
  it("fills in what a server may leave out", () => {
    const welcome = readWelcome({ ...WELCOME, reason: null, unknown: 1 });
    expect(welcome.limits.frame).toBe(65_536);
    expect(welcome.reconnect).toEqual({ min_ms: 500, max_ms: 20_000 });
    expect("reason" in welcome).toBe(false);
    expect(readWelcome({ ...WELCOME, reconnect: { min_ms: 1, max_ms: 2 } }).reconnect).toEqual({
      min_ms: 1,
      max_ms: 2,
    });
  });

  it.each<[string, Json]>([
    ["session_id", 1],
    ["outcome", "other"],
    ["position", { epoch: "e", offset: -1 }],
    ["position", { epoch: 1, offset: 1 }],
    ["position", null],
    ["replayed", "0"],
    ["replayed", 0.5],
    ["reason", {}],
    ["state", []],
    ["tail", [1]],
    ["turn", { turn_id: "t", text: "x" }],
    ["digest", { since: 1, lines: [2] }],
    ["device_state", "x"],
    ["devices", {}],
    ["devices", [{ device: "d" }]],
    ["heartbeat_ms", true],
    ["limits", { frame: "big" }],
    ["reconnect", { min_ms: null, max_ms: "x" }],
  ])("does not take %s as %j", (name, value) => {
    expect(() => readWelcome({ ...WELCOME, [name]: value })).toThrow(Malformed);
  });

  it.each(["outcome", "position", "replayed", "devices", "heartbeat_ms", "limits", "reconnect"])("needs %s", (name) => {
    const rest = Object.entries(WELCOME).filter(([key]) => key !== name);
    expect(() => readWelcome(Object.fromEntries(rest))).toThrow(Malformed);
  });
});

it.each<[name: string, read: (frame: JsonObject) => unknown, right: JsonObject]>([
  ["ack", readAck, { type: "ack", acks: [{ id: "m", offset: 1, duplicate: false }] }],
  ["agent_delta", readDelta, { type: "agent_delta", turn_id: "t", index: 0, text: "x" }],
  ["error", readError, { type: "error", code: "c", message: "m", temporary: true, retry_after_ms: 5 }],
  ["going_away", readGoingAway, { type: "going_away", retry_after_ms: 1, window_ms: 2 }],
])("%s is read whole or not at all", (_, read, right) => {
  expect(read(right)).toEqual(right);
  for (const name of Object.keys(right).filter((key) => key !== "type")) {
    expect(() => read({ ...right, [name]: {} })).toThrow(Malformed);
  }
});
