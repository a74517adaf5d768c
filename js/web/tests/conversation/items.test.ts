import type { SessionEvent } from "@shipanion/client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { text } from "../../src/conversation/figures.js";
import type { Item } from "../../src/conversation/item.js";
import { itemsOf, withDays } from "../../src/conversation/items.js";
import recorded from "./recorded.jsonl?raw";

const LOG = recorded.trim().split("\n").map((line) => JSON.parse(line) as SessionEvent); // prettier-ignore
const HERE = "d-a";

/** One item in a line: what a person gets to see of it. */
function line(item: Item): string {
  switch (item.kind) {
    case "said":
      return `${item.by.who}: ${item.text}`;
    case "answer":
      return `bob: ${item.text.slice(0, 20)}${item.outcome === undefined ? "" : ` (${item.outcome})`}`;
    case "tool":
      return `${item.tool} ${item.state}${item.isBobs ? "" : " by hand"}`;
    case "quotes":
      return `quotes ${item.quotes.map(({ cost }) => JSON.stringify(cost)).join(" ")}`;
    case "approval":
      return `${text(item.about.kind)} for ${JSON.stringify(item.about.price)}? ${item.decision ?? "open"}`;
    case "effect":
      return `${item.what} ${item.status} ${text(item.about.tracking_number)}`;
    case "edit":
      return `edit: ${item.changes.join(", ")}`;
    default:
      return item.kind;
  }
}

const event = (offset: number, type: string, rest: object, by: object = { role: "owner", name: "Ana", device: HERE }) =>
  ({ session_id: "s", offset, at: 1_000 * offset, by, type, ...rest }) as unknown as SessionEvent;
const BOB = { role: "agent", name: "Bob" };
const shown = (...events: SessionEvent[]) => itemsOf(events, HERE).map(line);

describe("a whole log", () => {
  it("shows one card for one thing", () => {
    expect(itemsOf(LOG, HERE).map(line)).toEqual([
      "here: 5 lb from 90210 to 10001",
      "quotes 26.05 36.9 101.5",
      "bob: Let me look that up.",
      "here: the cheapest",
      "buy for 26.05? approved",
      "bob: To have names on the",
      "here: yes",
      "buy settled SAMPLE-RKSX-PCKK",
      "bob: The sample label is ",
      "here: where is my parcel",
      "bob: The parcel SAMPLE-RK",
      "edit: the title to “Books for Ana”",
      "here: another parcel",
      "new_shipment done",
      "bob: That is a new parcel",
      "here: 2 lb from 60601 to 94103",
      "quotes 19.05 21.55 72.45",
      "bob: Let me look that up.",
      "edit: the weight to 3 lb",
      "quotes 22.4 27.1 82.15",
      "select_quote done by hand",
      "buy settled SAMPLE-JGWH-ZVWX",
      "here: void it",
      "void for 82.15? declined",
      "bob: Shall I void the sam",
      "here: no",
      "bob: All right. The sampl",
      "create_label done by hand",
      "here: from 00000 to 10001, 3 lb",
      "new_shipment done",
      "get_shipping_quotes failed",
      "bob: That is a new parcel",
    ]);
  });

  it("any part of it is in the order of its offsets, with no key twice and no event that stops it", () => {
    const strange = event(0, "hidden", { anything: [1] });
    fc.assert(
      fc.property(fc.nat(LOG.length), fc.nat(LOG.length), (one, other) => {
        const part = LOG.slice(Math.min(one, other), Math.max(one, other));
        const items = itemsOf([strange, ...part], HERE);
        const offsets = items.map(({ offset }) => offset ?? NaN);
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
        expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
      }),
    );
  });

  it("what was said and answered keeps its place and its key while the log grows", () => {
    const talk = (events: readonly SessionEvent[]) =>
      itemsOf(events, HERE).filter(({ kind }) => kind === "said" || kind === "answer").map(({ key }) => key); // prettier-ignore
    for (let at = 1; at <= LOG.length; at++) {
      const before = talk(LOG.slice(0, at - 1));
      expect(talk(LOG.slice(0, at)).slice(0, before.length)).toEqual(before);
    }
  });
});

describe("turns", () => {
  it("says when an answer was cut off, below what there is of it", () => {
    expect(
      shown(
        event(1, "agent_message", { turn_id: "t1", text: "Let me", partial: true }, BOB),
        event(2, "user_message", { text: "hello?", id: "m2" }),
        event(3, "turn_ended", { turn_id: "t1", outcome: "stopped" }),
      ),
    ).toEqual(["bob: Let me (stopped)", "here: hello?"]);
  });

  it("says when there was no answer at all", () => {
    expect(shown(event(1, "turn_ended", { turn_id: "t1", outcome: "failed" }, BOB))).toEqual(["bob:  (failed)"]);
    expect(shown(event(1, "turn_ended", { turn_id: "t1", outcome: "completed" }, BOB))).toEqual([]);
  });

  it("no call goes on after its turn", () => {
    const call = { client_tool_call: { tool_name: "get_shipping_quotes", tool_call_id: "c1" } };
    expect(shown(event(1, "client_tool_call", call, BOB))).toEqual(["get_shipping_quotes running"]);
    expect(
      shown(
        event(1, "client_tool_call", call, BOB),
        event(2, "turn_ended", { turn_id: "t1", outcome: "interrupted" }, BOB),
      ),
    ).toEqual(["bob:  (interrupted)"]);
  });
});

describe("approvals and effects", () => {
  const asked = event(1, "approval_requested", { approval_id: "a1", text: "Shall I?", expires_at: 9, data: { kind: "buy", price: 5 } }, BOB); // prettier-ignore
  const resolved = (decision: string, by?: object) => event(2, "approval_resolved", { approval_id: "a1", decision }, by); // prettier-ignore

  it.each(["approved", "declined", "expired", "cancelled"])("one card is open, then %s", (decision) => {
    expect(shown(asked)).toEqual(["buy for 5? open"]);
    expect(shown(asked, resolved(decision))).toEqual([`buy for 5? ${decision}`]);
  });

  it("says who answered", () => {
    const elsewhere = { role: "owner", name: "Ana", device: "d-b" };
    expect(itemsOf([asked, resolved("approved", elsewhere)], HERE)).toMatchObject([{ decidedBy: { who: "elsewhere" } }]); // prettier-ignore
    expect(itemsOf([asked, resolved("declined")], HERE)).toMatchObject([{ decidedBy: { who: "here" } }]);
  });

  it("an effect is one card that comes to where the last news of it is", () => {
    const buy = (offset: number, status: string, data: object) =>
      event(offset, "effect_changed", { effect_id: "e1", kind: "buy", status, data }, BOB);
    const said = event(2, "user_message", { text: "well?", id: "m" });
    expect(shown(buy(1, "unknown", { cost: 5 }), said, buy(3, "settled", { tracking_number: "X" }))).toEqual([
      "here: well?",
      "buy settled X",
    ]);
  });

  it("a call by hand that is refused is told, one whose effect failed is not told twice", () => {
    const call = event(1, "client_tool_call", { client_tool_call: { tool_name: "create_label", tool_call_id: "c" } });
    const result = (offset: number) =>
      event(offset, "client_tool_result", { tool_call_id: "c", tool_name: "create_label", is_error: true, result: { error: "No." } }, BOB); // prettier-ignore
    const failed = event(2, "effect_changed", { effect_id: "e1", kind: "buy", status: "failed", say: "No." }, BOB);
    expect(itemsOf([call, result(2)], HERE)).toMatchObject([{ kind: "tool", state: "failed", say: "No." }]);
    expect(shown(call, failed, result(3))).toEqual(["buy failed "]);
  });
});

describe("edits by hand", () => {
  const edit = (offset: number, details: object, device = HERE) =>
    event(offset, "state_changed", { patch: { shipping_details: details } }, { role: "owner", name: "Ana", device });

  it("of one form are one line, with every field as it is now", () => {
    const events = [edit(1, { weight_lbs: 3 }), edit(2, { to: "10001", to_place: "New York, NY" }), edit(3, { weight_lbs: 4 })]; // prettier-ignore
    expect(itemsOf(events, HERE)).toMatchObject([
      { changes: ["where it goes to New York, NY (10001)", "the weight to 4 lb"], offset: 3 },
    ]);
  });

  it("of two devices are two", () => {
    const items = itemsOf([edit(1, { weight_lbs: 3 }), edit(2, { weight_lbs: 4 }, "d-b")], HERE);
    expect(items).toMatchObject([{ by: { who: "here" } }, { by: { who: "elsewhere" } }]);
  });
});

it("a day begins where it does, and today needs no name of its own", () => {
  const at = (iso: string, key: string): Item => ({ kind: "note", key, text: key, at: new Date(iso).getTime() });
  const now = new Date("2026-11-24T12:00").getTime();
  const days = (...items: Item[]) => withDays(items, now).map((item) => (item.kind === "day" ? "--" : item.key));
  expect(days(at("2026-11-24T01:00", "a"), at("2026-11-24T02:00", "b"))).toEqual(["a", "b"]);
  expect(days(at("2026-11-22T01:00", "a"), at("2026-11-22T23:00", "b"), at("2026-11-24T01:00", "c"))).toEqual(["--", "a", "b", "--", "c"]); // prettier-ignore
});
