/**
 * What happens to the parcel's details beside their values: who changed them, and which of this page's own changes the
 * server refused, and why. A fold over what a session tells. Pure.
 */

import type { Command, ForApplication, JsonObject, Pending, SessionEvent } from "@shipanion/client";
import { mergePatch } from "@shipanion/client";

/** Somebody else's change of one member, as of the event at `offset`. */
export interface Change {
  readonly by: string;
  readonly offset: number;
}

/** A change of this page's that the server refused: its sentence, and what was to be. */
export interface Refused {
  readonly id: string;
  readonly say: string;
  readonly value: unknown;
}

export interface Edits {
  /** `shipping_details` as of the last thing heard. */
  readonly details: JsonObject;
  /** By member of `shipping_details`. */
  readonly changes: ReadonlyMap<string, Change>;
  readonly refused: ReadonlyMap<string, Refused>;
  /** Commands that this page gave, by id; kept a while after they are decided. */
  readonly own: ReadonlyMap<string, Command>;
  /** Who made a tool call, by its id. */
  readonly callers: ReadonlyMap<string, string>;
  /** Who caused the last event that changed the parcel: a name, or undefined for this page. */
  readonly mover: string | undefined;
}

const REMEMBERED = 200;

/** What a page begins with. */
export function beginning(state: JsonObject | undefined): Edits {
  const none = new Map<string, never>();
  return {
    details: detailsOf(state),
    changes: none,
    refused: none,
    own: none,
    callers: none,
    mover: undefined,
  };
}

/**
 * What the page shows is another: commands that it gave are its own. The state that it had kept comes without a word,
 * and is what later changes are changes of. The same object when there is nothing new.
 */
export function given(edits: Edits, pending: readonly Pending[], state?: JsonObject): Edits {
  const kept = Object.keys(edits.details).length === 0 ? detailsOf(state) : {};
  if (Object.keys(kept).length > 0) return given({ ...edits, details: kept }, pending);
  const fresh = pending.filter(({ id }) => !edits.own.has(id));
  if (fresh.length === 0) return edits;
  const refused = new Map(edits.refused);
  for (const { command } of fresh) for (const key of membersOf(command)) refused.delete(key);
  const own = new Map([...edits.own, ...fresh.map(({ id, command }) => [id, command] as const)].slice(-REMEMBERED));
  return { ...edits, own, refused, mover: undefined };
}

/** The session told something; the same object when it has nothing to do with the parcel. */
export function heard(edits: Edits, output: ForApplication): Edits {
  switch (output.out) {
    case "snapshot":
      return { ...edits, details: detailsOf(output.state), changes: new Map() };
    case "deliver":
      return delivered(edits, output.event);
    case "failed": {
      const command = edits.own.get(output.id);
      const patch = object(object(command?.patch).shipping_details);
      if (Object.keys(patch).length === 0) return edits;
      const refused = new Map(edits.refused);
      for (const [key, value] of Object.entries(patch)) {
        refused.set(key, { id: output.id, say: output.message, value });
      }
      return { ...edits, refused };
    }
    default:
      return edits;
  }
}

/** The notes about who changed what are old; those up to `offset` go. */
export function forgotten(edits: Edits, offset: number): Edits {
  const changes = new Map([...edits.changes].filter(([, change]) => change.offset > offset));
  return changes.size === edits.changes.size ? edits : { ...edits, changes };
}

/** The person looked at a refusal and types something else. */
export function mended(edits: Edits, key: string): Edits {
  if (!edits.refused.has(key)) return edits;
  const refused = new Map(edits.refused);
  refused.delete(key);
  return { ...edits, refused };
}

function delivered(edits: Edits, event: SessionEvent): Edits {
  if (event.type === "client_tool_call") {
    const called = [event.client_tool_call.tool_call_id, nameOf(event)] as const;
    return { ...edits, callers: new Map([...edits.callers, called].slice(-REMEMBERED)) };
  }
  const { patch } = event;
  if (patch === undefined) return edits;
  const id = event.type === "client_tool_result" ? event.tool_call_id : event.id;
  const mover = id !== undefined && edits.own.has(id) ? undefined : (edits.callers.get(id ?? "") ?? nameOf(event));
  const after = { ...edits, mover };
  if (patch.shipping_details === undefined) return after;
  const merged = mergePatch(edits.details, patch.shipping_details);
  const details = object(merged);
  const keys = [...new Set([...Object.keys(edits.details), ...Object.keys(details)])];
  const changed = keys.filter((key) => JSON.stringify(edits.details[key]) !== JSON.stringify(details[key]));
  const changes = new Map(edits.changes);
  for (const key of changed) {
    if (mover === undefined) changes.delete(key);
    else changes.set(key, { by: mover, offset: event.offset });
  }
  return { ...after, details, changes };
}

/** Who did it, as it is said to a person who did not do it on this page. */
function nameOf({ by }: SessionEvent): string {
  return by.role === "agent" ? by.name || "Bob" : "another window";
}

function membersOf(command: Command): string[] {
  return Object.keys(object(object(command.patch).shipping_details));
}

function detailsOf(state: JsonObject | undefined): JsonObject {
  return object(state?.shipping_details);
}

function object(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
