/**
 * A log folded into what is shown. Pure: the same events give the same items.
 *
 * Events that only repeat for a program what another one says (`contextual_update`, the result of a call that asks or
 * buys) make no item, and an event of a type that is not known here makes none either.
 */

import type { JsonObject, Participant, SessionEvent } from "@shipanion/client";
import { mergePatch } from "@shipanion/client";
import { changesOf } from "./edits.js";
import { dayName, fields, midnight, number, objects, text } from "./figures.js";
import type { Answer, ApprovalItem, EditItem, EffectItem, Item, QuotesItem, Said, ToolItem, Who } from "./item.js";

/** Tools whose outcome is told by an approval or an effect. */
const ASKING = ["create_label", "void_label"];
/** Tools of which nobody needs to see what they found: it is told in words, or beside the conversation. */
const SILENT = ["get_session_state", "track_package"];
const ENDED_EARLY = ["stopped", "interrupted", "failed"] as const;

/**
 * The items of a part of a log.
 *
 * @param events without a gap, oldest first
 * @param device this device's id, to tell its doings from those of the person's other devices
 */
export function itemsOf(events: readonly SessionEvent[], device: string): Item[] {
  const fold = new Fold(device);
  for (const event of events) fold.take(event);
  return fold.items();
}

interface Call {
  readonly isBobs: boolean;
  /** How often effects had been told of when it was made: one that came in between tells its outcome. */
  readonly effects: number;
}

class Fold {
  readonly #device: string;
  /** In the order in which they were begun; `items` puts them into the order of their offsets. */
  readonly #items = new Map<string, Item>();
  #details: JsonObject = {};
  readonly #calls = new Map<string, Call>();
  #effects = 0;
  #last: Item | undefined;

  constructor(device: string) {
    this.#device = device;
  }

  items(): Item[] {
    return [...this.#items.values()].sort((one, other) => (one.offset ?? 0) - (other.offset ?? 0));
  }

  take(event: SessionEvent): void {
    const before = this.#details;
    this.#details = detailsAfter(before, event.patch);
    switch (event.type) {
      case "user_message":
        this.#put(this.#said(event));
        return;
      case "agent_message":
        this.#answered(event.turn_id, { ...whenOf(event), text: event.text });
        return;
      case "turn_ended":
        this.#turnEnded(event);
        return;
      case "state_changed":
        this.#edited(event, before);
        return;
      case "client_tool_call":
        this.#called(event);
        return;
      case "client_tool_result":
        this.#resulted(event);
        return;
      case "approval_requested": {
        const { approval_id: approvalId, expires_at: expiresAt, data, text: question } = event;
        const about = { ...fields(data), text: question };
        this.#put({ kind: "approval", key: approvalId, ...whenOf(event), approvalId, about, expiresAt });
        return;
      }
      case "approval_resolved":
        this.#resolved(event);
        return;
      case "effect_changed":
        this.#effect(event);
        return;
      case "contextual_update":
      default:
        return;
    }
  }

  #put(item: Item): void {
    this.#items.set(item.key, item);
    this.#last = item;
  }

  #said(event: Extract<SessionEvent, { type: "user_message" }>): Said {
    const by = whoOf(event.by, this.#device);
    const turn = event.turn_id === undefined ? {} : { turnId: event.turn_id };
    return { kind: "said", key: keyOf(event), ...whenOf(event), text: event.text, by, state: "sent", ...turn };
  }

  #answered(turnId: string, told: Partial<Answer>): void {
    const key = turnKey(turnId);
    const known = this.#items.get(key);
    const was = known?.kind === "answer" ? known : { text: "" };
    this.#put({ kind: "answer", key, turnId, ...was, ...told });
  }

  #turnEnded(event: Extract<SessionEvent, { type: "turn_ended" }>): void {
    // A call that its turn did not wait for is not waited for here either.
    for (const item of [...this.#items.values()]) {
      if (item.kind === "tool" && item.state === "running") this.#drop(item.key);
    }
    const outcome = ENDED_EARLY.find((name) => name === event.outcome);
    if (outcome === undefined) return;
    // What was said before keeps its place: its end is a word below it.
    const said = this.#items.has(turnKey(event.turn_id));
    this.#answered(event.turn_id, { ...(said ? {} : whenOf(event)), outcome });
  }

  #edited(event: Extract<SessionEvent, { type: "state_changed" }>, before: JsonObject): void {
    if (event.by.role === "agent") return; // what Bob notes he says himself
    const changes = changesOf(event.patch, before);
    if (changes.length === 0) return;
    const by = whoOf(event.by, this.#device);
    const last = this.#last;
    if (last?.kind === "edit" && sameWho(last.by, by)) {
      // One form filled in is one thing; a field that was changed again shows how it is now.
      const others = last.changes.filter((old) => !changes.some((change) => about(change) === about(old)));
      this.#put({ ...last, ...whenOf(event), changes: [...others, ...changes] } satisfies EditItem);
      return;
    }
    this.#put({ kind: "edit", key: keyOf(event), ...whenOf(event), by, changes });
  }

  #called(event: Extract<SessionEvent, { type: "client_tool_call" }>): void {
    const { tool_name: tool, tool_call_id: key } = event.client_tool_call;
    const isBobs = event.by.role === "agent";
    this.#calls.set(key, { isBobs, effects: this.#effects });
    // Whoever pressed a button sees there that it works. What asks or buys is told by its card.
    if (!isBobs || ASKING.includes(tool) || tool === "get_session_state") return;
    this.#put({ kind: "tool", key, ...whenOf(event), tool, state: "running", isBobs });
  }

  #resulted(event: Extract<SessionEvent, { type: "client_tool_result" }>): void {
    const { tool_call_id: key, tool_name: tool, is_error: isError } = event;
    const { isBobs, effects } = this.#calls.get(key) ?? { isBobs: event.by.role === "agent", effects: this.#effects };
    this.#drop(key);
    const result = fields(event.result);
    const tells = isError ? effects === this.#effects : isNews(tool, result, isBobs) && effects === this.#effects;
    if (!tells || SILENT.includes(tool)) return;
    if (!isError && tool === "get_shipping_quotes") {
      this.#put(quotesOf(event, key, result));
      return;
    }
    const last = this.#last;
    const again = last?.kind === "tool" && last.tool === tool && !isBobs && !last.isBobs;
    const say = text(isError ? result.error : (result.say ?? result.message));
    this.#put({
      kind: "tool",
      key: again ? last.key : key,
      ...whenOf(event),
      tool,
      state: isError ? "failed" : "done",
      isBobs,
      ...(say === "" ? {} : { say }),
    } satisfies ToolItem);
  }

  #drop(key: string): void {
    if (this.#last?.key === key) this.#last = undefined;
    this.#items.delete(key);
  }

  #resolved(event: Extract<SessionEvent, { type: "approval_resolved" }>): void {
    const { approval_id: approvalId, decision } = event;
    const known = this.#items.get(approvalId);
    // Its question may be older than what is loaded.
    const asked: ApprovalItem =
      known?.kind === "approval"
        ? known
        : { kind: "approval", key: approvalId, ...whenOf(event), approvalId, about: {} };
    this.#put({ ...asked, decision, decidedBy: whoOf(event.by, this.#device) });
  }

  #effect(event: Extract<SessionEvent, { type: "effect_changed" }>): void {
    const { effect_id: effectId, kind: what, status, say, data } = event;
    const known = this.#items.get(effectId);
    const about = { ...(known?.kind === "effect" ? known.about : {}), ...fields(data) };
    this.#effects += 1;
    this.#put({
      kind: "effect", key: effectId, ...whenOf(event), effectId, what, status, about,
      ...(say === undefined ? {} : { say }),
    } satisfies EffectItem); // prettier-ignore
  }
}

/** Whether the good end of a call tells something that no other event does. */
function isNews(tool: string, result: JsonObject, isBobs: boolean): boolean {
  if (ASKING.includes(tool))
    return !isBobs && !["needs_approval", "confirming_with_carrier"].includes(text(result.status));
  return !(tool === "select_quote" && isBobs);
}

function quotesOf(event: Extract<SessionEvent, { type: "client_tool_result" }>, key: string, result: JsonObject): Item {
  const patch = fields(event.patch);
  const quotes = objects(patch.quotes ?? result.quotes);
  const expireAt = number(patch.quotes_expire_at);
  const details = fields(patch.shipping_details ?? result);
  const item: QuotesItem = { kind: "quotes", key, ...whenOf(event), quotes, details };
  return expireAt === undefined ? item : { ...item, expireAt };
}

function detailsAfter(before: JsonObject, patch: JsonObject | undefined): JsonObject {
  if (patch === undefined || !("shipping_details" in patch)) return before;
  return fields(mergePatch(before, patch.shipping_details ?? {}));
}

/** What a change is about: `the weight to 3 lb` and `the weight: it has none now` are about the same. */
function about(change: string): string {
  return change.split(/ to |: /)[0] ?? change;
}

function whenOf(event: SessionEvent): { offset: number; at: number } {
  return { offset: event.offset, at: event.at };
}

function keyOf(event: SessionEvent): string {
  return event.id ?? `event:${event.offset}`;
}

export function turnKey(turnId: string): string {
  return `turn:${turnId}`;
}

export function whoOf(by: Participant, device: string): Who {
  if (by.role !== "owner") return { who: "other", name: by.name };
  return { who: by.device === undefined || by.device === device ? "here" : "elsewhere" };
}

function sameWho(one: Who, other: Who): boolean {
  return one.who === other.who && (one.who !== "other" || other.who !== "other" || one.name === other.name);
}

/** The same items with the days between them. The first of today needs none above it, if nothing is before it. */
export function withDays(items: readonly Item[], now: number): Item[] {
  const today = midnight(now);
  const named = new Set<number>();
  let last = today;
  return items.flatMap((item): Item[] => {
    const begins = item.at === undefined ? last : midnight(item.at);
    if (begins === last || named.has(begins)) return [item];
    last = begins;
    named.add(begins);
    return [{ kind: "day", key: `day:${String(begins)}`, at: begins, name: dayName(begins, now) }, item];
  });
}
