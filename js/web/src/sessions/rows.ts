/** The list of sessions: what the server lists, what this browser has not sent yet, and what is on the page now. */

import type { LeftBehind, SessionSnapshot } from "@shipanion/client";
import type { Route } from "../routing/route.js";

/** A session as the server lists it; `last_at` in ms. */
export interface Listed {
  readonly id: string;
  readonly title?: string;
  readonly last_at: number;
  readonly devices?: number;
  readonly working?: boolean;
}

/** The session on the page, as the page knows it: fresher than the list. */
export interface OnPage {
  readonly sessionId?: string | undefined;
  readonly newKey?: string | undefined;
  readonly title?: string | undefined;
  readonly hasEvents: boolean;
  /** Without a connection nobody knows what goes on elsewhere. */
  readonly isConnected: boolean;
  readonly isWorking: boolean;
  /** Devices connected beside this one. */
  readonly others: number;
  /** Commands that wait to be sent. */
  readonly unsent: number;
}

export interface Row {
  /** Of the row, for React. */
  readonly key: string;
  readonly to: Route;
  /** Without it the session is not on the server yet. */
  readonly sessionId?: string;
  readonly title: string;
  readonly lastAt?: number;
  readonly isCurrent: boolean;
  readonly isWorking: boolean;
  readonly others: number;
  readonly unsent: number;
}

/** What a session is called that has no title. */
export const UNTITLED = "Untitled parcel";
const NOT_SENT = "Not sent yet";

/**
 * The rows in order: what waits to be sent to a session that is not made yet, the session on the page if the list does
 * not have it so far, and the list.
 *
 * @param listed undefined while it is not known
 */
export function rowsOf(listed: readonly Listed[] | undefined, left: readonly LeftBehind[], page: OnPage): Row[] {
  const waiting = left.flatMap(({ sessionId, newKey, count }): Row[] => {
    if (newKey === undefined || sessionId !== undefined || newKey === page.newKey) return [];
    return [{ key: newKey, to: { page: "new", newKey }, title: NOT_SENT, ...still(count, false) }];
  });
  const rows = (listed ?? []).map((session): Row => {
    const unsent = left.find(({ sessionId }) => sessionId === session.id)?.count ?? 0;
    return session.id === page.sessionId ? onPage(session, page, unsent) : fromList(session, unsent, page.isConnected);
  });
  const isMissing = !rows.some(({ isCurrent }) => isCurrent) && (page.hasEvents || page.unsent > 0);
  return [...waiting, ...(isMissing ? [notListed(page)] : []), ...rows];
}

/** What the page knows of its own session. */
export function onPageOf(
  snapshot: SessionSnapshot,
  newKey: string | undefined,
  others: number,
  isConnected: boolean,
): OnPage {
  const { sessionId, state, position, turn, pending } = snapshot;
  const title = state?.["title"];
  return {
    sessionId,
    newKey,
    title: typeof title === "string" ? title : undefined,
    hasEvents: (position?.offset ?? 0) > 0,
    isConnected,
    isWorking: isConnected && turn !== undefined,
    others,
    unsent: pending.length,
  };
}

/** What is known of a session that the list does not have: not made yet, just made, or put away. */
function notListed(page: OnPage): Row {
  const { sessionId, newKey, title, isWorking, others, unsent, hasEvents } = page;
  const isMade = sessionId !== undefined && hasEvents;
  const to: Route = isMade
    ? { page: "session", sessionId }
    : { page: "new", ...(newKey === undefined ? {} : { newKey }) };
  return {
    key: sessionId ?? newKey ?? "new",
    to,
    ...(isMade ? { sessionId } : {}),
    title: title ?? (isMade ? UNTITLED : NOT_SENT),
    isCurrent: true,
    isWorking,
    others,
    unsent,
  };
}

function onPage(session: Listed, page: OnPage, left: number): Row {
  return {
    ...fromList(session, page.unsent + left, page.isConnected),
    title: page.title ?? session.title ?? UNTITLED,
    isCurrent: true,
    isWorking: page.isWorking,
    others: page.others,
  };
}

function fromList(
  { id, title, last_at: lastAt, working = false, devices = 0 }: Listed,
  unsent: number,
  isConnected: boolean,
): Row {
  return {
    key: id,
    to: { page: "session", sessionId: id },
    sessionId: id,
    title: title ?? UNTITLED,
    lastAt,
    ...still(unsent, isConnected && working),
    others: isConnected ? devices : 0,
  };
}

function still(unsent: number, isWorking: boolean): Pick<Row, "isCurrent" | "isWorking" | "others" | "unsent"> {
  return { isCurrent: false, isWorking, others: 0, unsent };
}

/** What goes on in a row, as words; empty when nothing does. */
export function activityOf({ isWorking, others, unsent, isCurrent }: Row): string {
  const words: string[] = [];
  if (isWorking) words.push("Bob is working");
  if (others > 0) words.push(others === 1 ? "open elsewhere" : `open on ${others} ${isCurrent ? "other " : ""}devices`);
  if (unsent > 0) words.push(unsent === 1 ? "1 not sent" : `${unsent} not sent`);
  return words.join(", ");
}
