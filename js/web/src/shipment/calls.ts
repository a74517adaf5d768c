/** The tool calls of a session as the pane needs them: what is under way, what failed, and where parcels are. Pure. */

import type { JsonObject, Pending, SessionEvent } from "@shipanion/client";

/** A call without a result yet. */
export interface OpenCall {
  readonly id: string;
  readonly tool: string;
  readonly parameters: JsonObject;
  /** Whether a person made it, in whichever tab; else Bob. */
  readonly isByPerson: boolean;
  /** Kept here; the log does not have it yet. */
  readonly isUnsent: boolean;
}

/** How a person's call failed: a sentence, and the parameter it is about where the server says one. */
export interface Failure {
  readonly id: string;
  readonly say: string;
  readonly code: string | undefined;
  readonly field: string | undefined;
}

export interface TrackingEvent {
  readonly at: number;
  readonly status: string;
  readonly text: string;
  readonly place: string;
}

/** Where a parcel was when somebody asked, at `asked` (ms). */
export interface Tracking {
  readonly asked: number;
  readonly number: string;
  readonly status: string;
  readonly isMadeUp: boolean;
  /** ISO date. */
  readonly estimated: string | undefined;
  /** Oldest first. */
  readonly events: readonly TrackingEvent[];
}

export interface Calls {
  readonly open: readonly OpenCall[];
  /** By tool: the last call by a person, if it failed and nothing it was about has changed since. */
  readonly failed: ReadonlyMap<string, Failure>;
  /** By tracking number. */
  readonly tracked: ReadonlyMap<string, Tracking>;
}

/** So many events back a call is looked for; longer ago it is over, whatever became of it. */
const WINDOW = 400;
const ABOUT = ["shipping_details", "shipment_id", "quotes", "chosen", "label", "purchase"];

/** What `events` (oldest first, without a gap) and the commands that are not in them yet say about tool calls. */
export function readCalls(events: readonly SessionEvent[], pending: readonly Pending[]): Calls {
  const open = new Map<string, OpenCall>();
  const failed = new Map<string, Failure>();
  const tracked = new Map<string, Tracking>();
  for (const event of events.slice(-WINDOW)) {
    const call = event.type === "client_tool_call" ? callOf(event, event.by.role !== "agent") : undefined;
    if (call !== undefined) {
      open.set(call.id, call);
      failed.delete(call.tool);
    }
    if (ABOUT.some((key) => event.patch !== undefined && key in event.patch)) failed.clear();
    if (event.type !== "client_tool_result") continue;
    const asked = open.get(event.tool_call_id);
    open.delete(event.tool_call_id);
    const result = object(event.result);
    if (event.is_error) {
      if (asked?.isByPerson === true) failed.set(event.tool_name, failureOf(event.tool_call_id, result));
    } else if (event.tool_name === "track_package") {
      const found = trackingOf(result, event.at);
      if (found !== undefined) tracked.set(found.number, found);
    }
  }
  for (const { command } of pending) {
    const call = callOf(command, true);
    if (call === undefined) continue;
    open.set(call.id, { ...call, isUnsent: true });
    failed.delete(call.tool);
  }
  return { open: [...open.values()], failed, tracked };
}

function callOf(frame: object, isByPerson: boolean): OpenCall | undefined {
  const { tool_name: tool, tool_call_id: id, parameters } = object(object(frame).client_tool_call);
  if (typeof tool !== "string" || typeof id !== "string") return undefined;
  return { id, tool, parameters: object(parameters), isByPerson, isUnsent: false };
}

function failureOf(id: string, { error, code, field }: JsonObject): Failure {
  return {
    id,
    say: typeof error === "string" ? error : "That did not work.",
    code: typeof code === "string" ? code : undefined,
    field: typeof field === "string" ? field : undefined,
  };
}

function trackingOf(result: JsonObject, asked: number): Tracking | undefined {
  const { tracking_number: number, status, simulated, estimated_delivery: estimated, events } = result;
  if (typeof number !== "string") return undefined;
  const list = Array.isArray(events) ? events.map(object) : [];
  return {
    asked,
    number,
    status: typeof status === "string" ? status : "UNKNOWN",
    isMadeUp: simulated === true,
    estimated: typeof estimated === "string" ? estimated : undefined,
    events: list.flatMap((event) => {
      if (typeof event.at !== "number") return [];
      return [{ at: event.at, status: words(event.status), text: words(event.text), place: words(event.place) }];
    }),
  };
}

function words(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function object(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
