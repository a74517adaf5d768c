/**
 * Places in a session's log. A log numbers its events from 1, by one. An epoch names one life of the log: an offset
 * means nothing without it, so the two always travel together as a position.
 */

import type { Position } from "./wire.js";

export type { Position };

/** Offsets stay below 2^53, where JSON numbers are exact in every language. */
export const MAX_OFFSET = Number.MAX_SAFE_INTEGER;

/** Whether `value` is an offset; 0 is before the first event. */
export function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Epochs are opaque: they are compared for equality only. */
export function samePosition(one: Position | undefined, other: Position | undefined): boolean {
  return one?.epoch === other?.epoch && one?.offset === other?.offset;
}
