/** What an edit by hand changed, in words. */

import type { JsonObject } from "@shipanion/client";
import { fields, place, text, weight } from "./figures.js";

const ADDRESSES = { sender: "the sender", recipient: "the recipient" } as const;

/**
 * @param before the details as they were, as far as they are known; the patch may repeat what did not change
 * @returns `the weight to 3 lb`, one for each thing; none where nothing that a person sees changed
 */
export function changesOf(patch: JsonObject | undefined, before: JsonObject): string[] {
  const details = fields(patch?.shipping_details);
  const title = patch?.title;
  if (Object.keys(details).length === 0) {
    if (typeof title === "string") return [`the title to “${title}”`];
    return title === null ? ["the title: it has none now"] : [];
  }
  return [...route(details, before), ...measures(details, before), ...addresses(details, before)];
}

function* route(details: JsonObject, before: JsonObject): Generator<string> {
  const after = { ...before, ...details };
  for (const end of ["from", "to"] as const) {
    const names = [end, `${end}_place`].filter((name) => name in details);
    if (!names.some((name) => changed(details, before, name))) continue;
    const now = place(after, end);
    const what = end === "from" ? "where it leaves from" : "where it goes";
    yield now === "" ? `${what}: not known now` : `${what} to ${now}`;
  }
}

function* measures(details: JsonObject, before: JsonObject): Generator<string> {
  if (changed(details, before, "weight_lbs")) {
    yield details.weight_lbs === null ? "the weight: it has none now" : `the weight to ${weight(details.weight_lbs)}`;
  }
  if (changed(details, before, "dimensions")) {
    const size = details.dimensions;
    const { length, width, height } = fields(size);
    const sides = text(size) || [length, width, height].map(String).join("x");
    yield size === null ? "the size: it has none now" : `the size to ${sides.replaceAll("x", " × ")} in`;
  }
}

function* addresses(details: JsonObject, before: JsonObject): Generator<string> {
  for (const [name, whose] of Object.entries(ADDRESSES)) {
    if (!changed(details, before, name)) continue;
    const who = text(fields(details[name]).name);
    yield details[name] === null ? `${whose}: taken out` : who === "" ? `${whose}’s address` : `${whose} to ${who}`;
  }
}

function changed(details: JsonObject, before: JsonObject, name: string): boolean {
  return name in details && JSON.stringify(details[name]) !== JSON.stringify(before[name]);
}
