/**
 * Where a long list stands: which of its items are drawn, and what keeps the one being read where it is. Pure; lengths
 * are px.
 */

/** Items drawn while the newest are followed, and how many more when somebody reads up to the first drawn one. */
export const FOLLOWED = 150;
export const MORE = 100;
/** So near to the end counts as at the end. */
const NEAR = 48;

export interface Box {
  readonly scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** One drawn item, with its edges relative to the top of what is seen. */
export interface Row {
  readonly key: string;
  readonly offset: number | undefined;
  readonly top: number;
  readonly bottom: number;
}

/** The item that is being read, and where its top is. */
export interface Anchor {
  readonly key: string;
  readonly offset?: number;
  readonly top: number;
}

export function isAtEnd({ scrollTop, scrollHeight, clientHeight }: Box): boolean {
  return scrollHeight - scrollTop - clientHeight <= NEAR;
}

/** The first item of the log of which anything is seen. */
export function anchorOf(rows: Iterable<Row>): Anchor | undefined {
  for (const { key, offset, top, bottom } of rows) {
    if (bottom > 0 && offset !== undefined) return { key, offset, top };
  }
  return undefined;
}

/** How far to scroll so that the anchor is where it was; 0 when it is, or is gone. */
export function correction(anchor: Anchor | undefined, rows: Iterable<Row>): number {
  if (anchor === undefined) return 0;
  for (const row of rows) if (row.key === anchor.key) return row.top - anchor.top;
  return 0;
}

/**
 * The first item to draw.
 *
 * @param first the key of the first item drawn so far: what is being read stays drawn
 * @param isFollowing the newest are looked at, so only those are drawn
 * @param more how many to draw before `first`
 */
export function drawnFrom(keys: readonly string[], first: string | undefined, isFollowing: boolean, more = 0): number {
  const newest = Math.max(0, keys.length - FOLLOWED);
  const at = first === undefined || isFollowing ? -1 : keys.indexOf(first);
  // Without the newest ones there would be a hole in what is drawn, so it only ever reaches further back.
  return at === -1 ? Math.max(0, newest - more) : Math.max(0, Math.min(at, newest) - more);
}

/** The item to go back to: the last one at or before `offset`. */
export function rowAt<T extends { readonly offset?: number }>(items: readonly T[], offset: number): T | undefined {
  return items.findLast((item) => item.offset !== undefined && item.offset <= offset);
}

/** How many items came after `offset` that a person has not been shown. */
export function unread(
  items: readonly { readonly kind: string; readonly offset?: number; readonly isStreaming?: boolean }[],
  offset: number,
): number {
  return items.filter(
    ({ kind, offset: at }) => at !== undefined && at > offset && !["day", "edit", "note"].includes(kind),
  ).length;
}
