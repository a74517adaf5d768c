/**
 * What is half typed in the form: kept apart from the shared state until it is committed, so that nobody's edit ever
 * overwrites it. Pure.
 */

import type { Address, Details } from "./parcel.js";
import { partOf, textOf } from "./refusedText.js";

/** What is typed, and the value that the field showed when the typing began. */
export interface Draft {
  readonly text: string;
  readonly base: string;
}

/** By field: `from`, `weight`, `dimensions.0`, `sender.street`… */
export type Drafts = Readonly<Record<string, Draft>>;

const MOST = 20;
const LONGEST = 200;

/** The person typed `text` into a field that shows `shown` when nothing is typed. Back to that: no draft. */
export function typed(drafts: Drafts, field: string, text: string, shown: string): Drafts {
  const base = drafts[field]?.base ?? shown;
  if (text === shown) return without(drafts, field);
  return { ...drafts, [field]: { text, base } };
}

/** The drafts without those of a field, or of a group of them (`sender`). */
export function without(drafts: Drafts, field: string): Drafts {
  const kept = Object.entries(drafts).filter(([name]) => name !== field && !name.startsWith(`${field}.`));
  return kept.length === Object.keys(drafts).length ? drafts : Object.fromEntries(kept);
}

/** The value that somebody else gave the field while this person was typing; undefined when there is none to offer. */
export function otherValue(draft: Draft | undefined, shown: string): string | undefined {
  return draft !== undefined && shown !== draft.base && shown !== draft.text ? shown : undefined;
}

/**
 * What to keep for the next life of the page: also what the server refused, which stands in its fields until it is
 * mended and is in no draft any more. What is being typed anew counts more.
 *
 * @param refused by member of `shipping_details`, what was to be
 */
export function toKeep(
  drafts: Drafts,
  refused: ReadonlyMap<string, { readonly value: unknown }>,
  details: Details,
): Drafts {
  const shown: Readonly<Record<string, string>> = { from: details.from, to: details.to, weight_lbs: details.weight };
  const stands = [...refused].flatMap(([member, { value }]): (readonly [string, string | undefined, string])[] => {
    if (member === "dimensions") {
      const sides = sidesOf(details.dimensions);
      return sidesOf(textOf(value) ?? "").map((text, at) => [`${member}.${at}`, text, sides[at] ?? ""] as const);
    }
    if (member === "sender" || member === "recipient") {
      const parts = Object.keys(typeof value === "object" && value !== null ? value : {}) as (keyof Address)[];
      return parts.map((part) => [`${member}.${part}`, partOf(value, part), details[member]?.[part] ?? ""] as const);
    }
    return [[member, textOf(value), shown[member] ?? ""] as const];
  });
  const kept = stands.flatMap(([field, text, base]) =>
    text === undefined || text === base ? [] : [[field, { text, base }] as const],
  );
  return { ...Object.fromEntries(kept), ...drafts };
}

/** What an earlier life of the page kept, as far as it makes sense. */
export function readDrafts(kept: unknown): Drafts {
  if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return {};
  const drafts = Object.entries(kept).flatMap(([field, value]: [string, unknown]) => {
    const { text, base } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    if (typeof text !== "string" || typeof base !== "string" || text.length > LONGEST) return [];
    return [[field, { text, base }] as const];
  });
  return Object.fromEntries(drafts.slice(-MOST));
}

/** What was kept as text, as far as it makes sense. */
export function draftsOf(kept: string | undefined): Drafts {
  try {
    return readDrafts(JSON.parse(kept ?? "{}"));
  } catch {
    return {};
  }
}

/** The text to keep; null when nothing is typed. */
export function textOfDrafts(drafts: Drafts): string | null {
  return Object.keys(drafts).length === 0 ? null : JSON.stringify(drafts);
}

/** Three sides as the state has them, `"12x10x8"`; anything else is no sides. */
export function sidesOf(dimensions: string): readonly [string, string, string] {
  const [length = "", width = "", height = "", ...more] = dimensions.split("x").map((side) => side.trim());
  return more.length > 0 ? ["", "", ""] : [length, width, height];
}
