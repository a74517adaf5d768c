/** States and events as a server sends them, for the tests of the pane. */

import type { JsonObject, Pending, SessionEvent } from "@shipanion/client";

export const GROUND: JsonObject = {
  id: "usps-ground-advantage",
  carrier: "USPS",
  service: "Ground Advantage",
  cost: 26.05,
  eta: "5 days",
  transit_days: 5,
  estimated_delivery: "2026-11-30",
  estimate: true,
  prices_as_of: "2026-07-12",
  notes: ["Days are usual, not promised."],
};
export const EXPRESS: JsonObject = {
  ...GROUND,
  id: "usps-priority-mail-express",
  service: "Priority Mail Express",
  cost: 101.5,
  transit_days: 2,
  estimated_delivery: "2026-11-26",
};
export const DETAILS: JsonObject = {
  from: "90210",
  from_place: "Beverly Hills, CA",
  to: "10001",
  to_place: "New York, NY",
  weight_lbs: 5,
};
export const EMPTY: JsonObject = { shipment_id: "shipment-1", labels: [], current_step: 0 };
export const DETAILED: JsonObject = { ...EMPTY, shipping_details: DETAILS };
export const QUOTED: JsonObject = {
  ...DETAILED,
  quotes: [GROUND, EXPRESS],
  quotes_expire_at: 4_000_000_000_000,
  current_step: 1,
};
export const CHOSEN: JsonObject = { ...QUOTED, chosen: "usps-ground-advantage", current_step: 2 };
export const LABEL: JsonObject = {
  label_id: "label-1",
  shipment_id: "shipment-1",
  tracking_number: "SAMPLE-AAAA-BBBB",
  carrier: "USPS",
  service: "Ground Advantage",
  cost: 26.05,
  is_sample: true,
  at: 1_795_509_630_488,
  label_url: "/api/labels/label-1.pdf",
};
export const LABELLED: JsonObject = {
  ...CHOSEN,
  label: { ...LABEL, qr_code: "/api/labels/label-1-qr.png" },
  labels: [{ ...LABEL, from: "90210", to: "10001", status: "bought" }],
  current_step: 3,
};
export const APPROVAL: JsonObject = {
  approval_id: "approval-1",
  kind: "buy",
  text: "Shall I buy the label?",
  expires_at: 4_000_000_000_000,
  carrier: "USPS",
  service: "Ground Advantage",
  price: 26.05,
  eta: "5 days",
  from: "90210",
  to: "10001",
  weight_lbs: 5,
  is_sample: false,
};

/** An edit of the details that this page gave. */
export function edit(id: string, details: JsonObject, acked?: number): Pending {
  const command = { type: "update_state", id, patch: { shipping_details: details } };
  return acked === undefined ? { id, command } : { id, command, acked };
}

/** A tool call that this page gave. */
export function call(id: string, tool: string, parameters: JsonObject = {}): Pending {
  return { id, command: callFrame(id, tool, parameters) };
}

export function callFrame(id: string, tool: string, parameters: JsonObject = {}): JsonObject {
  return { type: "client_tool_call", client_tool_call: { tool_name: tool, tool_call_id: id, parameters } };
}

/** An event; by the owner unless it is said otherwise. */
export function event(offset: number, type: string, fields: JsonObject = {}): SessionEvent {
  const by = { role: "owner", name: "Ann" };
  return { session_id: "s-1", offset, at: 1_000 + offset, by, type, ...fields } as unknown as SessionEvent;
}

export const BOB: JsonObject = { role: "agent", name: "Bob" };
