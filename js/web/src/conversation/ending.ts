/** What is shown below the log, and among it, that is in no event: what waits here, what failed, what is being said. */

import type { Command, Digest, JsonObject, Pending } from "@shipanion/client";
import { fields, number, text } from "./figures.js";
import type { Answer, ApprovalItem, Item, Said } from "./item.js";
import { turnKey } from "./items.js";

/** A message that the server, or this browser, decided against. */
export interface Failure {
  readonly id: string;
  readonly text: string;
  readonly reason: string;
}

export interface Ending {
  readonly pending: readonly Pending[];
  readonly failures: readonly Failure[];
  readonly draft?: { readonly turn_id: string; readonly text: string } | undefined;
  /** The turn that is being answered. */
  readonly turn?: string | undefined;
  readonly state?: JsonObject | undefined;
}

/**
 * The items with what is in no event yet: the answer that is coming, then what was said here, oldest first. What is in
 * the log already is not shown a second time, whichever of the two was heard of first.
 */
export function withEnding(items: readonly Item[], { pending, failures, draft, turn, state }: Ending): Item[] {
  const known = new Set(items.map((item) => item.key));
  const answer = turn === undefined ? [] : [streaming(turn, draft?.turn_id === turn ? draft.text : "")];
  const said = [...failures.map(failed), ...pending.flatMap((item) => waiting(item))];
  const open = openApproval(state);
  return [...items, ...(open === undefined ? [] : [open]), ...answer, ...said].filter((item, at) => {
    if (at < items.length) return true;
    if (known.has(item.key)) return false;
    known.add(item.key);
    return true;
  });
}

function streaming(turnId: string, soFar: string): Answer {
  return { kind: "answer", key: turnKey(turnId), turnId, text: soFar, isStreaming: true };
}

function failed({ id, text, reason }: Failure): Said {
  return { kind: "said", key: id, text, by: { who: "here" }, state: "failed", reason };
}

function waiting({ id, command, acked, isBeingKept }: Pending): Said[] {
  const said = saidIn(command);
  if (said === undefined) return [];
  const state = acked !== undefined ? "acked" : isBeingKept === true ? "keeping" : "pending";
  return [{ kind: "said", key: id, text: said, by: { who: "here" }, state }];
}

/** What a command says to Bob; undefined for one that says nothing. */
export function saidIn(command: Command): string | undefined {
  return command.type === "user_message" ? text(command.text) : undefined;
}

/** The question that is open: its event may lie further back than what is loaded. */
function openApproval(state: JsonObject | undefined): ApprovalItem | undefined {
  const about = fields(state?.approval);
  const [approvalId, expiresAt] = [text(about.approval_id), number(about.expires_at)];
  if (approvalId === "") return undefined;
  const item: ApprovalItem = { kind: "approval", key: approvalId, approvalId, about };
  return expiresAt === undefined ? item : { ...item, expiresAt };
}

/** The items with what happened while this device was away, before the first of it. */
export function withAway(items: readonly Item[], digest: Digest | undefined): Item[] {
  if (digest === undefined || digest.lines.length === 0) return [...items];
  const first = items.findIndex(({ offset }) => offset !== undefined && offset > digest.since);
  const away: Item = { kind: "away", key: `away:${String(digest.since)}`, since: digest.since, lines: digest.lines };
  return first === -1 ? [...items, away] : [...items.slice(0, first), away, ...items.slice(first)];
}

/** The answer to a question that is on its way: `approved` or `declined`. */
export function answering(approvalId: string, pending: readonly Pending[]): string | undefined {
  const command = pending.find(
    ({ command }) => command.type === "resolve_approval" && command.approval_id === approvalId,
  );
  return command === undefined ? undefined : text(command.command.decision);
}
