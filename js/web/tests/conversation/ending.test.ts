import type { Pending, SessionEvent } from "@shipanion/client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answering, withAway, withEnding } from "../../src/conversation/ending.js";
import type { Item } from "../../src/conversation/item.js";
import { itemsOf } from "../../src/conversation/items.js";

const message = (id: string, offset: number, turn = `t-${id}`) =>
  ({ type: "user_message", id, text: `text of ${id}`, turn_id: turn, offset, at: offset, session_id: "s", by: { role: "owner", name: "A" } }) as SessionEvent; // prettier-ignore
const pending = (id: string, acked?: number): Pending => ({
  id,
  command: { type: "user_message", id, text: `text of ${id}` },
  ...(acked === undefined ? {} : { acked }),
});
const texts = (items: readonly Item[]) => items.map((item) => ("text" in item ? item.text : item.kind));
const NOTHING = { pending: [], failures: [] };

describe("what waits", () => {
  it("comes below the log in its order, commands that say nothing do not", () => {
    const items = withEnding(itemsOf([message("a", 1)], "d"), {
      ...NOTHING,
      pending: [pending("b"), { id: "x", command: { type: "stop", id: "x" } }, pending("c", 2)],
    });
    expect(texts(items)).toEqual(["text of a", "text of b", "text of c"]);
    expect(items.map((item) => item.kind === "said" && item.state)).toEqual(["sent", "pending", "acked"]);
  });

  it("is replaced in place: the same key before and after, never twice", () => {
    const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
    fc.assert(
      fc.property(ids, fc.nat(5), fc.nat(5), (all, heard, settled) => {
        // The event may be heard of before the outbox lets go, or after.
        const events = all.slice(0, heard).map((id, at) => message(id, at + 1));
        const waiting = all.slice(Math.min(settled, heard)).map((id) => pending(id));
        const items = withEnding(itemsOf(events, "d"), { ...NOTHING, pending: waiting });
        expect(items.map(({ key }) => key)).toEqual(all);
      }),
    );
  });

  it("what failed is told with its reason, and gives way to the event that says otherwise", () => {
    const failures = [{ id: "a", text: "text of a", reason: "Too long." }];
    expect(withEnding([], { ...NOTHING, failures })).toMatchObject([
      { key: "a", state: "failed", reason: "Too long." },
    ]);
    expect(withEnding(itemsOf([message("a", 1)], "d"), { ...NOTHING, failures })).toMatchObject([{ state: "sent" }]);
  });
});

describe("the answer that is coming", () => {
  const answered = { type: "agent_message", turn_id: "t1", text: "All of it.", offset: 2, at: 2, session_id: "s", by: { role: "agent", name: "Bob" } } as SessionEvent; // prettier-ignore

  it("is there before its first word, grows, and becomes the message under the same key", () => {
    const log = itemsOf([message("a", 1, "t1")], "d");
    const keys = [
      withEnding(log, { ...NOTHING, turn: "t1" }),
      withEnding(log, { ...NOTHING, turn: "t1", draft: { turn_id: "t1", text: "All" } }),
      withEnding(itemsOf([message("a", 1, "t1"), answered], "d"), { ...NOTHING, turn: "t1" }),
    ].map((items) => items.map(({ key }) => key));
    expect(keys).toEqual([["a", "turn:t1"], ["a", "turn:t1"], ["a", "turn:t1"]]); // prettier-ignore
  });

  it("does not show the draft of another turn", () => {
    const items = withEnding([], { ...NOTHING, turn: "t2", draft: { turn_id: "t1", text: "old" } });
    expect(items).toMatchObject([{ key: "turn:t2", text: "" }]);
  });
});

it("the question that is open is there even if its event lies too far back, and once", () => {
  const state = { approval: { approval_id: "a1", expires_at: 5, price: 3, kind: "buy" } };
  const open = withEnding([], { ...NOTHING, state });
  expect(open).toMatchObject([{ kind: "approval", key: "a1", expiresAt: 5 }]);
  expect(withEnding(open, { ...NOTHING, state })).toHaveLength(1);
});

it("what happened while this device was away comes before the first of it", () => {
  const log = itemsOf([message("a", 4), message("b", 5), message("c", 6)], "d");
  const kinds = (since: number) => withAway(log, { since, lines: ["One label was bought."] }).map(({ kind }) => kind);
  expect(kinds(4)).toEqual(["said", "away", "said", "said"]);
  expect(kinds(1)).toEqual(["away", "said", "said", "said"]);
  expect(kinds(9)).toEqual(["said", "said", "said", "away"]);
  expect(withAway(log, { since: 4, lines: [] })).toEqual(log);
});

it("knows which answer is on its way", () => {
  const yes = { type: "resolve_approval", id: "r", approval_id: "a1", decision: "approved" };
  expect(answering("a1", [{ id: "r", command: yes }])).toBe("approved");
  expect(answering("a2", [{ id: "r", command: yes }])).toBeUndefined();
});
