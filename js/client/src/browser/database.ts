/**
 * The database of this origin in the browser (IndexedDB): opened when it is first needed, and again when the browser
 * has closed it. Everything has a bound in time, because browsers have been seen that never answer.
 *
 *     people         [user] → {user, newKey}: the conversation that was begun and in which nothing was said yet
 *     conversations  [user, key] → where this browser is in a conversation; `session` is an index over it
 *     commands       n → a command that is not decided, and the tab that is to send it
 */

import type { JsonObject } from "../json.js";
import type { Place } from "../ports.js";

const NAME = "shipanion";
const VERSION = 1;
const OPEN_MS = 5_000;
const TRANSACTION_MS = 15_000;

export interface PersonRow {
  readonly user: string;
  readonly newKey: string;
}

export interface ConversationRow {
  readonly user: string;
  readonly key: string;
  readonly newKey: string;
  readonly sessionId?: string;
  readonly place?: Place;
  /** Something was said here, so it is no empty conversation any more. */
  readonly said?: true;
}

export interface CommandRow {
  /** Given by the database, in the order of adding. */
  readonly n?: number;
  readonly user: string;
  readonly key: string;
  readonly owner: string;
  readonly id: string;
  readonly command: JsonObject;
}

/** The stores inside a transaction. */
export interface Stores {
  readonly people: IDBObjectStore;
  readonly conversations: IDBObjectStore;
  readonly commands: IDBObjectStore;
}

export class Database {
  #opening: Promise<IDBDatabase> | undefined;
  /** The browser, or a person, took the database away: what is missing in it was not erased by `forget`. */
  wasLost = false;

  /** @param factory the browser's; undefined where it has none */
  constructor(readonly factory: () => IDBFactory | undefined = () => globalThis.indexedDB) {}

  async read<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    return await this.#run("readonly", false, work);
  }

  /** All that `work` does becomes true together when the promise resolves, or nothing of it. */
  async write<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    return await this.#run("readwrite", false, work);
  }

  /** As `write`, and on the disk when the promise resolves, where the browser can tell. */
  async writeThrough<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    return await this.#run("readwrite", true, work);
  }

  close(): void {
    const opening = this.#opening;
    this.#opening = undefined;
    void opening?.then(
      (database) => {
        database.close();
      },
      () => undefined,
    );
  }

  async #run<T>(mode: IDBTransactionMode, isStrict: boolean, work: (stores: Stores) => Promise<T>): Promise<T> {
    const transaction = await this.#begin(mode, isStrict);
    let result: T;
    const over = finished(transaction);
    try {
      const store = (name: string) => transaction.objectStore(name);
      result = await work({
        people: store("people"),
        conversations: store("conversations"),
        commands: store("commands"),
      });
      // Some browsers wait a while for more requests unless they are told that there are none.
      if (mode === "readwrite") transaction.commit();
    } catch (error) {
      over.catch(() => undefined);
      abort(transaction);
      throw error;
    }
    await over;
    return result;
  }

  async #begin(mode: IDBTransactionMode, isStrict: boolean): Promise<IDBTransaction> {
    const begin = async () =>
      (await this.#open()).transaction(["people", "conversations", "commands"], mode, {
        durability: isStrict ? "strict" : "relaxed",
      });
    try {
      return await begin();
    } catch (error) {
      // Closed by the browser, or for a newer version of this page, without a word.
      if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
      this.#opening = undefined;
      return await begin();
    }
  }

  async #open(): Promise<IDBDatabase> {
    this.#opening ??= open(this.factory(), (isLost) => {
      this.#opening = undefined;
      this.wasLost ||= isLost;
    });
    try {
      return await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

function open(factory: IDBFactory | undefined, closed: (isLost: boolean) => void): Promise<IDBDatabase> {
  if (factory === undefined) return Promise.reject(new Error("This browser has no database for pages."));
  return new Promise((resolve, reject) => {
    const request = factory.open(NAME, VERSION);
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      reject(new Error("The browser's database does not open. Another tab with an older page may hold it."));
    }, OPEN_MS);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore("people", { keyPath: "user" });
      database
        .createObjectStore("conversations", { keyPath: ["user", "key"] })
        .createIndex("session", ["user", "sessionId"]);
      database
        .createObjectStore("commands", { keyPath: "n", autoIncrement: true })
        .createIndex("user", ["user", "key"]);
    };
    request.onsuccess = () => {
      const database = request.result;
      clearTimeout(late);
      if (isLate) database.close();
      // A newer page wants to change the database, or somebody to delete it: do not stand in the way.
      database.onversionchange = ({ newVersion }) => {
        database.close();
        closed(newVersion === null);
      };
      database.onclose = () => {
        closed(true);
      };
      resolve(database);
    };
    request.onerror = () => {
      clearTimeout(late);
      reject(request.error ?? new Error("The browser's database cannot be opened."));
    };
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      abort(transaction);
      reject(new Error("The browser's database does not answer."));
    }, TRANSACTION_MS);
    transaction.oncomplete = () => {
      clearTimeout(late);
      resolve();
    };
    transaction.onabort = () => {
      clearTimeout(late);
      reject(transaction.error ?? new Error("The browser's database took it back."));
    };
  });
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It is over already.
  }
}

/** What a request gives. Inside a transaction nothing else may be waited for. */
export function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("The browser's database refused."));
    };
  });
}

/** All keys that begin with `user`. An array sorts after every text. */
export function allOf(user: string): IDBKeyRange {
  return IDBKeyRange.bound([user], [user, []]);
}

/** The commands of a conversation, in the order of adding. */
export async function commandsOf({ commands }: Stores, user: string, key: string): Promise<CommandRow[]> {
  return (await answer(commands.index("user").getAll(IDBKeyRange.only([user, key])))) as CommandRow[];
}

const DATABASE = new Database();

/** The database of this page. */
export function browserDatabase(): Database {
  return DATABASE;
}
