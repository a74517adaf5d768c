/**
 * What this browser keeps for a person beside the open conversations: commands of tabs that are gone, and the
 * conversation that was begun without a word.
 */

import type { Timers } from "../ports.js";
import type { Session } from "../session.js";
import { isConnected } from "../view.js";
import type { CommandRow, ConversationRow, Database, PersonRow } from "./database.js";
import { allOf, answer, browserDatabase } from "./database.js";
import { newId } from "./ids.js";
import { lockOf } from "./indexedStorage.js";
import type { Locks } from "./locks.js";
import { browserLocks } from "./locks.js";
import { openSession } from "./openSession.js";
import { TIMERS } from "./timers.js";

const TICK_MS = 1_000;
/** How many ticks a conversation may take without one of its commands being decided: a minute of trying to connect. */
const PATIENCE = 60;
/** A connected one has everything that it needs, and is given 10 seconds. */
const CONNECTED_COSTS = 6;

/** A conversation with commands that nobody is sending; `openSession` takes it as it is, with the user. */
export interface LeftBehind {
  readonly sessionId?: string;
  readonly newKey?: string;
  /** How many commands. */
  readonly count: number;
}

/** The conversations of `user` with commands of tabs that are gone. */
export async function leftBehind(
  user: string,
  database: Database = browserDatabase(),
  locks: Locks = browserLocks(),
): Promise<LeftBehind[]> {
  const [rows, conversations] = await database.read(async (stores) => [
    (await answer(stores.commands.index("user").getAll(allOf(user)))) as CommandRow[],
    (await answer(stores.conversations.getAll(allOf(user)))) as ConversationRow[],
  ]);
  const gone = new Set<string>();
  for (const owner of new Set(rows.map((row) => row.owner))) {
    await locks.request(lockOf(owner), { ifAvailable: true }, (lock) => {
      if (lock !== null) gone.add(owner);
    });
  }
  const counts = new Map<string, LeftBehind>();
  for (const { key, sessionId, newKey } of conversations) {
    const count = rows.filter((row) => row.key === key && gone.has(row.owner)).length;
    // A session may have two rows: see `IndexedStorage`.
    const name = sessionId ?? key;
    const sum = count + (counts.get(name)?.count ?? 0);
    if (sum > 0) counts.set(name, { ...(sessionId === undefined ? { newKey } : { sessionId }), count: sum });
  }
  return [...counts.values()];
}

/** How many commands of `user` this browser keeps, of all tabs: `forget` would erase them. */
export async function unsent(user: string, database: Database = browserDatabase()): Promise<number> {
  return await database.read(({ commands }) => answer(commands.index("user").count(allOf(user))));
}

/**
 * Send what was left behind, one conversation after the other, without showing any. Resolves when all is decided, or
 * nothing can be done without a sign-in, or `signal` says that it is enough; without a network it waits for one. Where
 * nothing moves, the next conversation has its turn, and what is left stays kept.
 */
export async function deliverLeftBehind(
  user: string,
  url?: string,
  token?: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const { sessionId, newKey } of await leftBehind(user)) {
    if (signal?.aborted === true) return;
    const open = openSession({ user, sessionId, newKey, url, token, attend: false });
    try {
      if ((await delivered(open.session, TIMERS, signal)) === "ended") return;
    } finally {
      await open.close();
    }
  }
}

/**
 * Wait for a session's commands: `done` when nothing is left to send, or never will be; `stuck` when nothing was decided
 * for too long; `ended` when a sign-in is needed, or `signal` says so.
 */
export function delivered(session: Session, timers: Timers, signal?: AbortSignal): Promise<"done" | "stuck" | "ended"> {
  return new Promise((resolve) => {
    let timer: unknown;
    let left: number | undefined;
    let patience = PATIENCE;
    const finish = (how: "done" | "stuck" | "ended"): void => {
      timers.clear(timer);
      unsubscribe();
      signal?.removeEventListener("abort", end);
      resolve(how);
    };
    const end = (): void => {
      finish("ended");
    };
    const look = (): void => {
      const { status, pending, sessionId } = session.snapshot();
      const isLoaded = status !== "connecting" || sessionId !== undefined;
      if (status === "sign_in") finish("ended");
      else if (status === "stopped" || (isLoaded && pending.length === 0)) finish("done");
      if (pending.length !== left) patience = PATIENCE;
      left = pending.length;
    };
    const tick = (): void => {
      const shown = session.snapshot();
      if (shown.status !== "offline") patience -= isConnected(shown) ? CONNECTED_COSTS : 1;
      if (patience <= 0) finish("stuck");
      else timer = timers.set(tick, TICK_MS);
    };
    const unsubscribe = session.subscribe(look);
    timer = timers.set(tick, TICK_MS);
    signal?.addEventListener("abort", end);
    if (signal?.aborted === true) end();
    else look();
  });
}

/** Erase everything that this browser keeps for `user`. What is open writes nothing any more. */
export async function forget(user: string, database: Database = browserDatabase()): Promise<void> {
  await database.writeThrough(async ({ people, conversations, commands }) => {
    await answer(people.delete(user));
    await answer(conversations.delete(allOf(user)));
    const keys = await answer(commands.index("user").getAllKeys(allOf(user)));
    for (const key of keys) await answer(commands.delete(key));
  });
}

/**
 * The key of a new conversation of `user`: of the one that was begun last, as long as nothing was said in it, so that
 * going to an empty page twice makes one conversation. Where nothing can be kept it is a new one each time.
 */
export async function newConversation(user: string, database: Database = browserDatabase()): Promise<string> {
  try {
    return await database.write(async ({ people, conversations }) => {
      const person = (await answer(people.get(user))) as PersonRow | undefined;
      if (person !== undefined) {
        const row = (await answer(conversations.get([user, `new ${person.newKey}`]))) as ConversationRow | undefined;
        if (row?.said !== true && (row?.place?.position.offset ?? 0) === 0) return person.newKey;
      }
      const made: PersonRow = { user, newKey: newId() };
      await answer(people.put(made));
      return made.newKey;
    });
  } catch {
    return newId();
  }
}
