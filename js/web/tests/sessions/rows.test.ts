import type { SessionSnapshot } from "@shipanion/client";
import { describe, expect, it } from "vitest";
import type { Listed, OnPage, Row } from "../../src/sessions/rows.js";
import { activityOf, onPageOf, rowsOf } from "../../src/sessions/rows.js";

const EMPTY: OnPage = { newKey: "key-1", hasEvents: false, isConnected: true, isWorking: false, others: 0, unsent: 0 };
const MADE: OnPage = { ...EMPTY, sessionId: "session-2", hasEvents: true, title: "Boots" };
const LISTED: readonly Listed[] = [
  { id: "session-2", title: "Old name", last_at: 20, devices: 1, working: false },
  { id: "session-1", last_at: 10, devices: 2, working: true },
];

const titles = (rows: readonly Row[]) => rows.map(({ title }) => title);

it("lists what the server lists, in its order, with what the page knows better", () => {
  const rows = rowsOf(LISTED, [], { ...MADE, isWorking: true, others: 1, unsent: 2 });
  expect(rows).toEqual([
    {
      key: "session-2",
      to: { page: "session", sessionId: "session-2" },
      sessionId: "session-2",
      title: "Boots",
      lastAt: 20,
      isCurrent: true,
      isWorking: true,
      others: 1,
      unsent: 2,
    },
    expect.objectContaining({ sessionId: "session-1", title: "Untitled parcel", isCurrent: false, others: 2 }),
  ]);
});

it("has no row for a new conversation in which nothing was said", () => {
  expect(rowsOf([], [], EMPTY)).toEqual([]);
  expect(titles(rowsOf(undefined, [], { ...EMPTY, sessionId: "session-9" }))).toEqual([]);
});

it("has one as soon as something was, sent or not", () => {
  expect(rowsOf([], [], { ...EMPTY, unsent: 1 })).toEqual([
    expect.objectContaining({ title: "Not sent yet", to: { page: "new", newKey: "key-1" }, isCurrent: true }),
  ]);
  expect(rowsOf(undefined, [], MADE)).toEqual([expect.objectContaining({ title: "Boots", sessionId: "session-2" })]);
});

it("claims nothing about other devices without a connection", () => {
  const rows = rowsOf(LISTED, [], { ...MADE, isConnected: false });
  expect(rows[1]).toMatchObject({ sessionId: "session-1", isWorking: false, others: 0 });
});

describe("what was left behind", () => {
  it("is counted at its session", () => {
    const rows = rowsOf(LISTED, [{ sessionId: "session-1", count: 3 }], MADE);
    expect(rows.map(({ unsent }) => unsent)).toEqual([0, 3]);
  });

  it("has a row of its own where the session is not made yet, and leads back to it", () => {
    const rows = rowsOf(LISTED, [{ newKey: "key-9", count: 2 }], MADE);
    expect(rows[0]).toMatchObject({ title: "Not sent yet", to: { page: "new", newKey: "key-9" }, unsent: 2 });
    expect(rows).toHaveLength(3);
  });

  it("is not listed twice when it is on the page", () => {
    expect(rowsOf([], [{ newKey: "key-1", count: 1 }], { ...EMPTY, unsent: 1 })).toHaveLength(1);
  });
});

it.each([
  [{}, ""],
  [{ isWorking: true }, "Bob is working"],
  [{ others: 1 }, "open elsewhere"],
  [{ others: 3, unsent: 1 }, "open on 3 devices, 1 not sent"],
  [{ others: 2, isCurrent: true }, "open on 2 other devices"],
  [{ unsent: 2 }, "2 not sent"],
  [{ unsent: 2, isCurrent: true }, "2 not sent"],
])("%j is said as %j", (changes, words) => {
  const row: Row = {
    key: "k",
    to: { page: "home" },
    title: "T",
    isCurrent: false,
    isWorking: false,
    others: 0,
    unsent: 0,
  };
  expect(activityOf({ ...row, ...changes })).toBe(words);
});

it("what the page knows of its session is in the snapshot", () => {
  const snapshot: SessionSnapshot = {
    status: "live",
    banner: { out: "banner", status: "live" },
    sessionId: "session-1",
    position: { epoch: "e", offset: 4 },
    state: { title: "Boots" },
    pending: [{ id: "1", command: { type: "stop", id: "1" } }],
    turns: ["turn-1"],
    turn: "turn-1",
    devices: [],
  };
  expect(onPageOf(snapshot, "key-1", 2, true)).toEqual({
    sessionId: "session-1",
    newKey: "key-1",
    title: "Boots",
    hasEvents: true,
    isConnected: true,
    isWorking: true,
    others: 2,
    unsent: 1,
  });
  expect(onPageOf(snapshot, "key-1", 0, false).isWorking).toBe(false);
});
