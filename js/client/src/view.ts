/**
 * What an application shows of a session beside its transcript: one immutable object, and how each output changes it.
 * Nothing is changed in place, and an output that changes nothing gives back the same object, so that two snapshots are
 * compared by `===`.
 */

import type { Banner, Deliver, Output, Status } from "./clientOutputs.js";
import type { JsonObject } from "./json.js";
import { isObject, known } from "./json.js";
import type { Command } from "./outbox.js";
import { commandId } from "./outbox.js";
import type { Position } from "./position.js";
import type { Stored } from "./ports.js";
import type { DevicePresence, Digest } from "./wire.js";

/** A command that is not in the log yet, as far as is known here: shown in advance, until its event comes. */
export interface Pending {
  readonly id: string;
  readonly command: Command;
  /** It is not written down yet, or cannot be: a page that ends now does not have it any more. Absent once it is kept. */
  readonly isBeingKept?: true;
  /** The offset of the event that says so, once the server has acknowledged it. */
  readonly acked?: number;
}

/** The text so far of the turn that is being answered. Provisional: the message replaces it. */
export interface Draft {
  readonly turn_id: string;
  readonly text: string;
}

/** A member without a value is left out. */
export interface SessionSnapshot {
  readonly status: Status;
  readonly banner: Banner;
  readonly sessionId?: string;
  readonly position?: Position;
  /** The shared state at `position`. */
  readonly state?: JsonObject;
  /** Oldest first. */
  readonly pending: readonly Pending[];
  readonly draft?: Draft;
  /** The turns that have not ended, as far as was heard here: the first is being answered, the others wait. */
  readonly turns: readonly string[];
  /** The first of `turns`: what `stop` would end. */
  readonly turn?: string;
  /** What happened while this device was away, as the last welcome that had something to tell put it. */
  readonly digest?: Digest;
  readonly devices: readonly DevicePresence[];
  /** This device's own place on the page, as of the last welcome. */
  readonly deviceState?: JsonObject;
}

const CONNECTING: Banner = { out: "banner", status: "connecting" };

export const NOTHING: SessionSnapshot = {
  status: "connecting",
  banner: CONNECTING,
  pending: [],
  turns: [],
  devices: [],
};

const CONNECTED: readonly Status[] = ["live", "resumed", "snapshot", "still_working"];

/** Whether there is a connection on which everything comes. */
export function isConnected({ status }: SessionSnapshot): boolean {
  return CONNECTED.includes(status);
}

/** What an earlier life left is shown at once, before there is a connection. */
export function restored(shown: SessionSnapshot, { sessionId, place, outbox }: Stored): SessionSnapshot {
  const earlier = outbox.map((command) => ({ id: commandId(command), command }));
  const held = new Set(earlier.map(({ id }) => id));
  const pending = [...earlier, ...shown.pending.filter(({ id }) => !held.has(id))];
  return changed(shown, { sessionId, position: place?.position, state: place?.state, pending });
}

/** The application gave a command. */
export function given(shown: SessionSnapshot, command: Command): SessionSnapshot {
  return changed(shown, { pending: [...shown.pending, { id: commandId(command), command, isBeingKept: true }] });
}

/** The command is written down: it outlives the page. */
export function kept(shown: SessionSnapshot, id: string): SessionSnapshot {
  if (!isBeingKept(shown, id)) return shown;
  return changed(shown, {
    pending: shown.pending.map((item) => (item.id === id ? known({ ...item, isBeingKept: undefined }) : item)),
  });
}

/** Whether the command waits for being written down. */
export function isBeingKept(shown: SessionSnapshot, id: string): boolean {
  return shown.pending.some((item) => item.id === id && item.isBeingKept === true);
}

/** Another life of the page left these commands, which are kept here now. */
export function adopted(shown: SessionSnapshot, commands: readonly Command[]): SessionSnapshot {
  const added = commands.map((command) => ({ id: commandId(command), command }));
  return changed(shown, { pending: [...shown.pending, ...added] });
}

/** The command came to nothing. */
export function dropped(shown: SessionSnapshot, id: string): SessionSnapshot {
  return changed(shown, { pending: shown.pending.filter((item) => item.id !== id) });
}

/** What is shown after one output of the machine. */
export function told(shown: SessionSnapshot, output: Output): SessionSnapshot {
  switch (output.out) {
    case "banner":
      return changed(shown, { banner: output, status: output.status });
    case "attached": {
      const { session_id: sessionId, devices = [], device_state: deviceState, digest = shown.digest } = output;
      return changed(shown, { sessionId, devices, deviceState, digest, draft: undefined });
    }
    case "snapshot": {
      // What was acknowledged lies behind the new position, or was lost with an older life of the log.
      const pending = shown.pending.filter((item) => item.acked === undefined);
      return changed(shown, { ...ofTurns([]), position: output.position, state: output.state, pending });
    }
    case "turn_text": {
      const { turn_id, text } = output;
      const others = shown.turns.filter((id) => id !== turn_id);
      return changed(shown, { ...ofTurns([turn_id, ...others]), draft: { turn_id, text } });
    }
    case "delta":
      return changed(shown, { draft: { turn_id: output.turn_id, text: output.text } });
    case "deliver":
      return delivered(shown, output);
    case "settled": {
      const { id, offset } = output;
      if (shown.position !== undefined && offset <= shown.position.offset) return dropped(shown, id);
      return changed(shown, {
        pending: shown.pending.map((item) => (item.id === id ? { ...item, acked: offset } : item)),
      });
    }
    case "save": {
      const { position, state } = output;
      const pending = shown.pending.filter((item) => (item.acked ?? Infinity) > position.offset);
      return changed(shown, { position, state, pending });
    }
    case "failed":
      return dropped(shown, output.id);
    case "notice": {
      const { type, devices } = output.frame;
      if (type !== "presence" || !Array.isArray(devices)) return shown;
      return changed(shown, { devices: devices as DevicePresence[] });
    }
    default:
      return shown;
  }
}

function delivered(shown: SessionSnapshot, { event }: Deliver): SessionSnapshot {
  switch (event.type) {
    case "user_message":
      if (event.turn_id === undefined || shown.turns.includes(event.turn_id)) return shown;
      return changed(shown, ofTurns([...shown.turns, event.turn_id]));
    case "agent_message":
      return withoutDraft(shown, event.turn_id);
    case "turn_ended":
      return changed(withoutDraft(shown, event.turn_id), ofTurns(shown.turns.filter((id) => id !== event.turn_id)));
    default:
      return shown;
  }
}

function withoutDraft(shown: SessionSnapshot, turnId: string): SessionSnapshot {
  return shown.draft?.turn_id === turnId ? changed(shown, { draft: undefined }) : shown;
}

function ofTurns(turns: readonly string[]): Changes {
  return { turns, turn: turns[0] };
}

type Changes = { readonly [Name in keyof SessionSnapshot]?: SessionSnapshot[Name] | undefined };

/** A snapshot with other members; `undefined` takes one out. */
function changed(shown: SessionSnapshot, changes: Changes): SessionSnapshot {
  return known({ ...shown, ...changes }) as SessionSnapshot;
}

/** The id of the question that waits for a person's yes; null where none is open. */
export function openApproval(state: JsonObject | undefined): string | null {
  const approval = state?.["approval"];
  return isObject(approval) && typeof approval["approval_id"] === "string" ? approval["approval_id"] : null;
}
