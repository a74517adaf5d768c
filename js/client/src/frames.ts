/**
 * Reads the few frames that the machine acts on. Each is checked whole before anything is done with it; a frame that is
 * not what the schema says is `Malformed`. All other frames are passed on as they came.
 */

import type { Window } from "./backoff.js";
import { FIRST_WINDOW } from "./backoff.js";
import { ShipanionError } from "./errors.js";
import type { Json, JsonObject } from "./json.js";
import { isObject, known } from "./json.js";
import { isOffset } from "./position.js";
import type { AckFrame, AgentDelta, ErrorFrame, GoingAway, Position, TurnSoFar, Welcome } from "./wire.js";

/** What came is not what the protocol says, so the peer is not to be trusted. */
export class Malformed extends ShipanionError {
  override readonly name = "Malformed";
}

/** A welcome with the window in full: what the server left out is as before it said anything. */
export type ReadWelcome = Omit<Welcome, "reconnect"> & { readonly reconnect: Window };

const FRAME_LIMIT = 65_536;

/** Any frame: one JSON object; undefined for other JSON. Throws `Malformed` on what is not JSON. */
export function readFrame(text: string): JsonObject | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    throw new Malformed("What came is not JSON.");
  }
  return isObject(frame) ? frame : undefined;
}

export function readWelcome(frame: JsonObject): ReadWelcome {
  const limits = need(frame, "limits", isObject);
  const reconnect = need(frame, "reconnect", isObject);
  need(frame, "devices", isListOf(isDevice));
  may(frame, "session_id", isText);
  may(frame, "reason", isText);
  may(frame, "state", isObject);
  may(frame, "tail", isListOf(isObject));
  may(frame, "turn", isTurn);
  may(frame, "digest", isDigest);
  may(frame, "device_state", isObject);
  need(frame, "outcome", isOutcome);
  need(frame, "position", isPosition);
  need(frame, "replayed", isWhole);
  need(frame, "heartbeat_ms", isWhole);
  const said = Object.fromEntries(Object.entries(frame).filter(([, value]) => value !== null));
  return {
    ...(said as Welcome),
    limits: { ...limits, frame: may(limits, "frame", isWhole) ?? FRAME_LIMIT },
    reconnect: {
      min_ms: may(reconnect, "min_ms", isWhole) ?? FIRST_WINDOW.min_ms,
      max_ms: may(reconnect, "max_ms", isWhole) ?? FIRST_WINDOW.max_ms,
    },
  };
}

export function readAck(frame: JsonObject): AckFrame {
  return { type: "ack", acks: need(frame, "acks", isListOf(isAcked)) };
}

export function readDelta(frame: JsonObject): AgentDelta {
  return {
    type: "agent_delta",
    turn_id: need(frame, "turn_id", isText),
    index: need(frame, "index", isWhole),
    text: need(frame, "text", isText),
  };
}

export function readError(frame: JsonObject): ErrorFrame {
  return {
    type: "error",
    code: need(frame, "code", isText),
    message: need(frame, "message", isText),
    temporary: need(frame, "temporary", isFlag),
    ...known({ retry_after_ms: may(frame, "retry_after_ms", isWhole) }),
  };
}

export function readGoingAway(frame: JsonObject): GoingAway {
  return {
    type: "going_away",
    retry_after_ms: need(frame, "retry_after_ms", isWhole),
    window_ms: need(frame, "window_ms", isWhole),
  };
}

// --- what a member must be ------------------------------------------------------------------------------------------

type Is<T> = (value: unknown) => value is T;

function need<T>(frame: JsonObject, name: string, is: Is<T>): T {
  const value: unknown = frame[name];
  if (!is(value)) throw new Malformed(`${JSON.stringify(frame.type ?? "A part")} has no usable ${name}.`);
  return value;
}

function may<T>(frame: JsonObject, name: string, is: Is<T>): T | undefined {
  return (frame[name] ?? null) === null ? undefined : need(frame, name, is);
}

const isText: Is<string> = (value) => typeof value === "string";
const isFlag: Is<boolean> = (value) => typeof value === "boolean";
const isWhole: Is<number> = (value): value is number => Number.isSafeInteger(value);

const isOutcome: Is<Welcome["outcome"]> = (value): value is Welcome["outcome"] =>
  value === "created" || value === "recovered" || value === "snapshot";

function isListOf<T>(is: Is<T>): Is<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every(is);
}

function isMade<T extends Json>(...parts: [name: string, is: Is<unknown>][]): Is<T> {
  return (value): value is T => isObject(value) && parts.every(([name, is]) => is(value[name]));
}

const isPosition = isMade<Position>(["epoch", isText], ["offset", isOffset]);
const isTurn = isMade<TurnSoFar>(["turn_id", isText], ["text", isText], ["next_index", isWhole]);
const isDigest = isMade<JsonObject>(["since", isWhole], ["lines", isListOf(isText)]);
const isDevice = isMade<JsonObject>(["device", isText], ["name", isText]);
const isAcked = isMade<AckFrame["acks"][number]>(["id", isText], ["offset", isWhole], ["duplicate", isFlag]);
