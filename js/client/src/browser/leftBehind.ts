/**
 * What this browser keeps for a person beside the open conversations: commands of tabs that are gone, and the
 * conversation that was begun without a word.
 */

import type { CommandRow, ConversationRow, Database, PersonRow } from "./database.js";
import { allOf, answer, browserDatabase } from "./database.js";
import { newId } from "./ids.js";
import { lockOf } from "./indexedStorage.js";
import type { Locks } from "./locks.js";
import { browserLocks } from "./locks.js";
import type { OpenSession } from "./openSession.js";
import { openSession } from "./openSession.js";

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

/**
 * Send what was left behind, one conversation after the other, without showing any. Resolves when all is decided, or
 * nothing can be done without a sign-in; without a network it waits for one.
 */
export async function deliverLeftBehind(user: string, url?: string, token?: string): Promise<void> {
  for (const { sessionId, newKey } of await leftBehind(user)) {
    const open = openSession({ user, sessionId, newKey, url, token, attend: false });
    try {
      if (!(await delivered(open))) return;
    } finally {
      await open.close();
    }
  }
}

/** True when nothing is left to send there, or never will be; false when a sign-in is needed. */
function delivered({ session }: OpenSession): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { status, pending, sessionId } = session.snapshot();
      if (status === "sign_in") resolve(false);
      const isLoaded = status !== "connecting" || sessionId !== undefined;
      if (status === "stopped" || (isLoaded && pending.length === 0)) resolve(true);
    };
    session.subscribe(look);
    look();
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
