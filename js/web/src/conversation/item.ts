/** What a conversation is shown as: one item for one thing, whatever number of events told of it. */

import type { JsonObject } from "@shipanion/client";

/** `here`: this person on this device; `elsewhere`: the same person on another; else somebody with a name. */
export type Who = { readonly who: "here" | "elsewhere" } | { readonly who: "other"; readonly name: string };

interface Shown {
  /** The same for as long as the thing is the same: a message keeps it from the keystroke to the log. */
  readonly key: string;
  /** Of the event that last told of it; absent while nothing in the log does. */
  readonly offset?: number;
  /** ms since 1970. */
  readonly at?: number;
}

export interface Said extends Shown {
  readonly kind: "said";
  readonly text: string;
  readonly by: Who;
  /** `keeping` is being written down, `pending` is kept here, `acked` is on the server's disk and on its way back, `sent` is in the log. */
  readonly state: "keeping" | "pending" | "acked" | "sent" | "failed";
  /** Why it failed, as a sentence. */
  readonly reason?: string;
  readonly turnId?: string;
}

export interface Answer extends Shown {
  readonly kind: "answer";
  readonly turnId: string;
  readonly text: string;
  /** It is still coming; without text Bob has not begun to speak. */
  readonly isStreaming?: boolean;
  /** How it ended, where that was before its end. */
  readonly outcome?: "stopped" | "interrupted" | "failed";
}

/** A tool that was called: looking something up, or refused. */
export interface ToolItem extends Shown {
  readonly kind: "tool";
  readonly tool: string;
  readonly state: "running" | "done" | "failed";
  readonly isBobs: boolean;
  /** A sentence for the person, once there is one. */
  readonly say?: string;
}

export interface QuotesItem extends Shown {
  readonly kind: "quotes";
  /** As the state's `quotes`, the cheapest first. */
  readonly quotes: readonly JsonObject[];
  readonly details: JsonObject;
  readonly expireAt?: number;
}

export interface ApprovalItem extends Shown {
  readonly kind: "approval";
  readonly approvalId: string;
  /** As the state's `approval`: kind, price, carrier, service, eta, from, to, weight_lbs, is_sample, … */
  readonly about: JsonObject;
  readonly expiresAt?: number;
  /** How it ended; absent while it is open. */
  readonly decision?: string;
  readonly decidedBy?: Who;
}

export interface EffectItem extends Shown {
  readonly kind: "effect";
  readonly effectId: string;
  /** `buy` or `void`, or what a newer server can do. */
  readonly what: string;
  readonly status: string;
  readonly say?: string;
  /** All that the events said about it. */
  readonly about: JsonObject;
}

export interface EditItem extends Shown {
  readonly kind: "edit";
  readonly by: Who;
  /** What was changed, each in words: `the weight to 3 lb`. */
  readonly changes: readonly string[];
}

/** A line about something that needs no card. */
export interface NoteItem extends Shown {
  readonly kind: "note";
  readonly text: string;
}

/** What follows was not seen on this device. */
export interface AwayItem extends Shown {
  readonly kind: "away";
  /** The last event that was seen here. */
  readonly since: number;
  readonly lines: readonly string[];
}

export interface DayItem extends Shown {
  readonly kind: "day";
  /** `Today`, `Friday, November 20`. */
  readonly name: string;
}

export type Item =
  Said | Answer | ToolItem | QuotesItem | ApprovalItem | EffectItem | EditItem | NoteItem | AwayItem | DayItem;

/** Whether two items show the same: their members are, or are the very same objects. */
export function sameItem(one: Item, other: Item): boolean {
  return one === other || sameMembers(one, other, (a, b) => a === b || sameMembers(a, b, Object.is));
}

function sameMembers(one: unknown, other: unknown, same: (a: unknown, b: unknown) => boolean): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const [members, others] = [Object.entries(one), new Map(Object.entries(other))];
  return members.length === others.size && members.every(([name, value]) => same(value, others.get(name)));
}
