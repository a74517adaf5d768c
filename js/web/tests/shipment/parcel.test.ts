import type { JsonObject, Pending } from "@shipanion/client";
import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { quoteParameters, readParcel } from "../../src/shipment/parcel.js";
import { APPROVAL, call, CHOSEN, DETAILED, edit, EMPTY, LABELLED, QUOTED } from "./states.js";

describe("the step is told from what is there", () => {
  it.each<[string, unknown, number]>([
    ["nothing known", undefined, 0],
    ["an empty session", EMPTY, 0],
    ["details alone", DETAILED, 0],
    ["quotes", QUOTED, 1],
    ["a choice", CHOSEN, 2],
    ["a purchase under way", { ...DETAILED, purchase: { status: "claimed" } }, 2],
    ["a label", LABELLED, 3],
  ])("%s", (_, state, step) => {
    expect(readParcel(state).step).toBe(step);
  });
});

it("reads what a server sends", () => {
  const parcel = readParcel({ ...LABELLED, approval: APPROVAL, refusal: { say: "Not bought." } });
  expect(parcel.details).toMatchObject({ from: "90210", fromPlace: "Beverly Hills, CA", weight: "5", dimensions: "" });
  expect(parcel.quotes.map(({ service, cost, days }) => [service, cost, days])).toEqual([
    ["Ground Advantage", 26.05, 5],
    ["Priority Mail Express", 101.5, 2],
  ]);
  expect(parcel.chosen?.id).toBe("usps-ground-advantage");
  expect(parcel.approval).toMatchObject({ id: "approval-1", kind: "buy", price: 26.05 });
  expect(parcel.label).toMatchObject({ status: "bought", url: "/api/labels/label-1.pdf", from: "90210" });
  expect(parcel.label?.qr).toBe("/api/labels/label-1-qr.png");
  expect(parcel.refusal).toBe("Not bought.");
  expect(parcel.isFrozen).toBe(true);
});

it("the label is as the list has it: it may be void already", () => {
  const labels = [{ ...(LABELLED.labels as JsonObject[])[0], status: "voiding" }];
  expect(readParcel({ ...LABELLED, labels }).label?.status).toBe("voiding");
});

describe("files are this server's own", () => {
  it.each([
    ["/api/labels/label-1.pdf", "/api/labels/label-1.pdf"],
    ["https://ship.example/api/labels/label-1.pdf", "/api/labels/label-1.pdf"],
    ["javascript:alert(1)", undefined],
    ["//evil.example/x", undefined],
    ["/api/labels/../me", undefined],
    ["/api/labels/a?b=/api/labels/c", undefined],
    [7, undefined],
  ])("%s", (given, path) => {
    expect(readParcel({ label: { label_id: "l", label_url: given } }).label?.url).toBe(path);
  });
});

describe("this page's own changes show before the log has them", () => {
  const shown = (state: JsonObject, ...pending: Pending[]) => readParcel(state, pending);

  it("an edit, which is not sent until it is acknowledged", () => {
    const before = shown(DETAILED, edit("u1", { from: "94107" }));
    expect(before.details).toMatchObject({ from: "94107", fromPlace: "", to: "10001" });
    expect(before.unsent).toEqual(new Set(["from"]));
    const acked = shown(DETAILED, edit("u1", { from: "94107" }, 9));
    expect(acked.details.from).toBe("94107");
    expect(acked.unsent.size).toBe(0);
  });

  it("a removal, and an edit of the whole", () => {
    expect(shown(DETAILED, edit("u1", { weight_lbs: null })).details.weight).toBe("");
    const gone = [{ id: "u2", command: { type: "update_state", id: "u2", patch: { shipping_details: null } } }];
    expect(readParcel(QUOTED, gone)).toMatchObject({ step: 0, quotes: [] });
  });

  it("quotes that were for something else are gone, and stay where nothing of theirs changed", () => {
    expect(shown(CHOSEN, edit("u1", { weight_lbs: 6 }))).toMatchObject({ step: 0, quotes: [], chosen: undefined });
    expect(shown(CHOSEN, edit("u1", { sender: { name: "Ann", street: "1 Main St" } })).step).toBe(2);
    expect(shown(CHOSEN, edit("u1", { weight_lbs: "5" })).step).toBe(2);
  });

  it("a choice, if it can be made", () => {
    expect(shown(QUOTED, call("t1", "select_quote", { quote: "usps-ground-advantage" })).step).toBe(2);
    expect(shown(QUOTED, call("t1", "select_quote", { quote: "cheapest" })).step).toBe(1);
  });

  it("later ones over earlier ones", () => {
    expect(shown(EMPTY, edit("u1", { to: "10001" }), edit("u2", { to: "10002" })).details.to).toBe("10002");
  });
});

it("any state and any commands are read, and an overlay leaves what is not its own", () => {
  assert(
    property(jsonValue(), jsonValue(), jsonValue(), (state, details, patch) => {
      const pending = [
        { id: "u1", command: { type: "update_state", id: "u1", patch: { shipping_details: patch } } },
        { id: "u2", command: { type: "update_state", id: "u2", patch } },
        { id: "t1", command: { type: "client_tool_call", client_tool_call: patch } },
      ] as Pending[];
      for (const each of [state, { ...EMPTY, ...(state as object) }, { ...QUOTED, shipping_details: details }]) {
        const parcel = readParcel(each, pending);
        expect([0, 1, 2, 3]).toContain(parcel.step);
        expect(typeof parcel.details.from).toBe("string");
      }
    }),
    { numRuns: 500 },
  );
});

it("any value of any member is read", () => {
  const members = [...Object.keys(LABELLED), "approval", "purchase", "refusal"];
  assert(
    property(jsonValue(), (value) => {
      for (const member of members) {
        readParcel({ ...LABELLED, [member]: value });
        readParcel({ ...LABELLED, [member]: [value] });
        readParcel({
          ...LABELLED,
          quotes: [{ id: value, service: "x", cost: 1 }],
          label: { label_id: "l", at: value },
        });
      }
    }),
    { numRuns: 200 },
  );
});

it("asks for quotes with what is there", () => {
  const { details } = readParcel({ shipping_details: { from: "1", to: "2", weight_lbs: 5.5, dimensions: "3x2x1" } });
  expect(quoteParameters(details)).toEqual({ from_zip: "1", to_zip: "2", weight: 5.5, dimensions: "3x2x1" });
  expect(quoteParameters({ ...details, weight: "heavy", dimensions: "" })).toEqual({
    from_zip: "1",
    to_zip: "2",
    weight: "heavy",
  });
});
