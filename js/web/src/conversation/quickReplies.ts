/** What a person is likely to say next, to be said with one press. Pure, from the state and Bob's last words. */

import type { JsonObject } from "@shipanion/client";
import { fields, number, objects, price, text } from "./figures.js";

export interface QuickReply {
  readonly label: string;
  readonly does: { readonly say: string } | { readonly resolve: string; readonly decision: "approved" | "declined" };
  /** The one that leads on. */
  readonly leads?: boolean;
}

/** Examples for somebody who has not said anything yet. */
export const EXAMPLES: readonly string[] = ["5 lb from 90210 to 10001", "12 oz, 60601 to 94103", "What can you do?"];

const MOST = 4;
/** `say "void it"`: what Bob names is understood. What stands behind `for example` is not for everybody. */
const NAMED = /\bsay "([^"]{1,32})"/gi;

/**
 * @param state the shared state, if it is known
 * @param bobs what Bob said last, if that is the last thing that was said
 * @param isNew nothing was said in this conversation yet
 */
export function quickReplies(state: JsonObject | undefined, bobs: string, isNew: boolean, now: number): QuickReply[] {
  const approval = fields(state?.approval);
  const id = text(approval.approval_id);
  // Whether it still holds is the server's to say: the clock of this device may be wrong.
  if (id !== "") return answers(id, approval);
  if (Object.keys(fields(state?.purchase)).length > 0) return [];
  if (isNew && state?.current_step === 0) return EXAMPLES.map(say);
  return [...named(bobs), ...next(state, now)]
    .filter((reply, at, all) => all.findIndex(({ label }) => label === reply.label) === at)
    .slice(0, MOST);
}

function answers(resolve: string, { kind, is_sample: isSample, price: amount }: JsonObject): QuickReply[] {
  const yes = kind === "void" ? "Yes, void it" : isSample === true ? "Yes, make the sample" : `Yes, buy it for ${price(amount)}`; // prettier-ignore
  return [
    { label: yes, does: { resolve, decision: "approved" }, leads: true },
    { label: kind === "void" ? "No, keep it" : "No", does: { resolve, decision: "declined" } },
  ];
}

function next(state: JsonObject | undefined, now: number): QuickReply[] {
  if (Object.keys(fields(state?.label)).length > 0) {
    return [reply("Where is it?", "where is my parcel"), reply("Another parcel", "another parcel")];
  }
  const quotes = objects(state?.quotes);
  const details = fields(state?.shipping_details);
  const isWhole = ["from", "to", "weight_lbs"].every((name) => name in details);
  if (quotes.length === 0) return isWhole ? [{ ...reply("Get prices", "quotes"), leads: true }] : [];
  if ((number(state?.quotes_expire_at) ?? Infinity) <= now) return [reply("Ask for prices again", "quotes")];
  if (text(state?.chosen) !== "") return [{ ...reply("Make the label", "make the label"), leads: true }];
  const cheapest = best(quotes, "cost", "transit_days");
  const fastest = best(quotes, "transit_days", "cost");
  if (cheapest === undefined || fastest === undefined) return [];
  if (quotes.length === 1) return [{ ...reply(`Take it for ${price(cheapest.cost)}`, "buy it"), leads: true }];
  const replies = [reply(`Cheapest ${price(cheapest.cost)}`, "the cheapest")];
  return cheapest === fastest ? replies : [...replies, reply(`Fastest ${price(fastest.cost)}`, "the fastest")];
}

/** The quote with the least of `first`; of several the one with the least of `then`. */
export function best(quotes: readonly JsonObject[], first: string, then: string): JsonObject | undefined {
  const of = (quote: JsonObject, name: string) => number(quote[name]) ?? Infinity;
  return [...quotes].sort((one, other) => of(one, first) - of(other, first) || of(one, then) - of(other, then))[0];
}

function* named(bobs: string): Generator<QuickReply> {
  for (const [, words = ""] of bobs.matchAll(NAMED)) {
    yield reply(`${words.slice(0, 1).toUpperCase()}${words.slice(1)}`, words);
  }
}

function reply(label: string, words: string): QuickReply {
  return { label, does: { say: words } };
}

function say(words: string): QuickReply {
  return reply(words, words);
}
