/**
 * One conversation in the browser's database, as one tab writes it.
 *
 * Several tabs may have the same conversation open. Each adds commands under a name of its own (`owner`), and holds the
 * lock of that name as long as it lives, so no tab sends what another one is sending. Where a lock is free, its tab is
 * gone: whoever gets the lock first puts the commands under its own name, in their order, and sends them.
 */

import type { JsonObject } from "../json.js";
import { known } from "../json.js";
import type { Command } from "../outbox.js";
import { commandId } from "../outbox.js";
import type { ClientStorage, Fresh, Place, Stored } from "../ports.js";
import type { CommandRow, ConversationRow, Database, Stores } from "./database.js";
import { answer, commandsOf } from "./database.js";
import type { Locks } from "./locks.js";
import { hold } from "./locks.js";

/** Where tabs tell each other that they are there. A word that is lost only delays. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

export interface IndexedOptions {
  readonly database: Database;
  readonly locks: Locks;
  readonly channel?: Channel | undefined;
  readonly user: string;
  /** The session to open, or the key under which a new one is asked for. */
  readonly sessionId?: string | undefined;
  readonly newKey?: string | undefined;
  readonly device: string;
  /** A random name for this life of this tab. */
  readonly owner: string;
  readonly warn: (what: string, error: unknown) => void;
}

/** Somebody signed out: what is kept for that person is erased, and nothing may be added. */
export class Forgotten extends Error {
  constructor() {
    super("What this browser had kept for this person was erased.");
  }
}

export class IndexedStorage implements ClientStorage {
  readonly #options: IndexedOptions;
  readonly #end = new AbortController();
  readonly #awaited = new Set<string>();
  #key = "";
  /** The rows of this conversation: two, where it was begun here and then opened by its id before that was known. */
  #keys: readonly string[] = [];
  #letGo: (() => void) | undefined;
  #adopt: (commands: readonly Command[]) => void = () => undefined;
  #isClosed = false;

  constructor(options: IndexedOptions) {
    this.#options = options;
  }

  async load(fresh: Fresh, adopt: (commands: readonly Command[]) => void): Promise<Stored> {
    const { database, locks, owner, user, channel } = this.#options;
    const row = await database.write((stores) => this.#enter(stores, fresh.newKey));
    this.#key = row.key;
    this.#keys = [row.key];
    try {
      this.#letGo = await hold(locks, lockOf(owner));
    } catch (error) {
      this.#options.warn("this page cannot be told from others, so they may send what it sends", error);
    }
    if (this.#isClosed) this.#letGo?.();
    for (const other of await this.#others()) await this.#takeOver(other);
    const rows = await database.read((stores) => this.#commands(stores));
    this.#adopt = adopt;
    if (channel !== undefined) {
      channel.onmessage = ({ data }) => {
        this.#heard(data as JsonObject | null);
      };
      channel.postMessage({ user, key: row.key, owner });
    }
    void this.look();
    return {
      newKey: row.newKey,
      device: this.#options.device,
      outbox: rows.filter((kept) => kept.owner === owner).map(({ command }) => command),
      ...known({ sessionId: row.sessionId, place: row.place }),
    };
  }

  async add(command: Command): Promise<void> {
    const { database, owner, user } = this.#options;
    await database.writeThrough(async ({ conversations, commands }) => {
      const row = (await answer(conversations.get([user, this.#key]))) as ConversationRow | undefined;
      if (row === undefined)
        throw database.wasLost ? new Error("The browser's database was deleted.") : new Forgotten();
      if (row.said !== true) await answer(conversations.put({ ...row, said: true }));
      const added: CommandRow = { user, key: this.#key, owner, id: commandId(command), command };
      await answer(commands.add(added));
    });
  }

  async remove(id: string): Promise<void> {
    await this.#options.database.write(async (stores) => {
      const rows = await this.#commands(stores);
      for (const row of rows) if (row.id === id && row.n !== undefined) await answer(stores.commands.delete(row.n));
    });
  }

  async save(place: Place): Promise<void> {
    const { database, user } = this.#options;
    await database.write(async ({ conversations }) => {
      const row = (await answer(conversations.get([user, this.#key]))) as ConversationRow | undefined;
      if (row === undefined) return;
      const kept = row.place?.position;
      if (kept?.epoch === place.position.epoch && kept.offset >= place.position.offset) return;
      await answer(conversations.put({ ...row, sessionId: place.sessionId, place }));
    });
  }

  /** See whether another tab that had this conversation open is gone; where one lives, wait for its end. */
  async look(): Promise<void> {
    if (this.#isClosed) return;
    try {
      for (const other of await this.#others()) this.#await(other);
    } catch (error) {
      this.#options.warn("what other tabs left was not looked for", error);
    }
  }

  /** Write no more. What is kept is free for others from now on. */
  close(): void {
    this.#isClosed = true;
    this.#end.abort();
    this.#options.channel?.close();
    this.#letGo?.();
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  /** The row of this conversation: the one of its session, however it was begun, else that of its key, else a new one. */
  async #enter({ conversations }: Stores, freshKey: string): Promise<ConversationRow> {
    const { user, sessionId, newKey } = this.#options;
    const found: unknown =
      sessionId === undefined
        ? await answer(conversations.get([user, `new ${newKey ?? freshKey}`]))
        : await answer(conversations.index("session").get([user, sessionId]));
    if (found !== undefined) return found as ConversationRow;
    const key = sessionId === undefined ? `new ${newKey ?? freshKey}` : `session ${sessionId}`;
    const row: ConversationRow = { user, key, newKey: newKey ?? freshKey, ...known({ sessionId }) };
    await answer(conversations.put(row));
    return row;
  }

  /** The commands of this conversation, of all tabs, in the order of adding. */
  async #commands(stores: Stores): Promise<CommandRow[]> {
    const rows: CommandRow[] = [];
    for (const key of this.#keys) rows.push(...(await commandsOf(stores, this.#options.user, key)));
    return rows;
  }

  /** The other tabs that have commands here. */
  async #others(): Promise<Set<string>> {
    const { database, user, owner } = this.#options;
    const rows = await database.read(async (stores) => {
      const { conversations } = stores;
      const own = (await answer(conversations.get([user, this.#key]))) as ConversationRow | undefined;
      if (own?.sessionId !== undefined) {
        const same = (await answer(
          conversations.index("session").getAll(IDBKeyRange.only([user, own.sessionId])),
        )) as ConversationRow[];
        this.#keys = same.map(({ key }) => key);
      }
      return await this.#commands(stores);
    });
    return new Set(rows.map((row) => row.owner).filter((other) => other !== owner));
  }

  /** Put the commands of `other` under the own name, if it is gone. */
  async #takeOver(other: string): Promise<void> {
    await this.#options.locks.request(lockOf(other), { ifAvailable: true }, async (lock) => {
      if (lock !== null) await this.#rename(other);
    });
  }

  #await(other: string): void {
    if (this.#awaited.has(other) || this.#isClosed) return;
    this.#awaited.add(other);
    const adopted = this.#options.locks.request(lockOf(other), { signal: this.#end.signal }, async () => {
      this.#awaited.delete(other);
      // Whoever is closed takes nothing over: the next in line does.
      if (!this.#isClosed) this.#adopt(await this.#rename(other));
    });
    adopted.catch((error: unknown) => {
      this.#awaited.delete(other);
      if (!this.#isClosed) this.#options.warn("what another tab left was not taken over", error);
    });
  }

  async #rename(other: string): Promise<Command[]> {
    const { database, owner } = this.#options;
    return await database.writeThrough(async (stores) => {
      const rows = (await this.#commands(stores)).filter((row) => row.owner === other);
      for (const row of rows) await answer(stores.commands.put({ ...row, owner }));
      return rows.map(({ command }) => command);
    });
  }

  /** Another tab says that it has this conversation open. One that was not known is told the same. */
  #heard(word: JsonObject | null): void {
    const { user, owner, channel } = this.#options;
    if (word?.user !== user || typeof word.key !== "string" || typeof word.owner !== "string") return;
    if (!this.#keys.includes(word.key) || word.owner === owner || this.#awaited.has(word.owner)) return;
    this.#await(word.owner);
    channel?.postMessage({ user, key: word.key, owner });
  }
}

/** The name of the lock that the tab `owner` holds while it lives. */
export function lockOf(owner: string): string {
  return `shipanion-tab-${owner}`;
}
