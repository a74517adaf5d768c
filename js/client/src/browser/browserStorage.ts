/** Storage for a page: the browser's database, and the page's own memory where that cannot be had. */

import { MemoryStorage } from "../memoryStorage.js";
import type { Command } from "../outbox.js";
import type { ClientStorage, Fresh, Place, Stored } from "../ports.js";
import type { IndexedOptions } from "./indexedStorage.js";
import { Forgotten, IndexedStorage } from "./indexedStorage.js";

const WARNING = "this browser keeps nothing, so what is not sent yet is lost when the page is left";

export class BrowserStorage implements ClientStorage {
  readonly #options: () => IndexedOptions;
  #indexed: IndexedStorage | undefined;
  #used: ClientStorage = new MemoryStorage();
  #isClosed = false;
  #warn: IndexedOptions["warn"] = () => undefined;
  /** A command could not be kept. The later ones are not tried: a browser that does not answer would hold up each. */
  #isUnkept = false;

  /** @param options is called when the storage is first used, so that making one touches nothing of the browser */
  constructor(options: () => IndexedOptions) {
    this.#options = options;
  }

  async load(fresh: Fresh, adopt: (commands: readonly Command[]) => void): Promise<Stored> {
    const options = this.#options();
    this.#warn = options.warn;
    const indexed = (this.#indexed = new IndexedStorage(options));
    this.#used = indexed;
    if (this.#isClosed) indexed.close();
    try {
      return await indexed.load(fresh, adopt);
    } catch (error) {
      const { sessionId, newKey = fresh.newKey, device } = options;
      this.#warn(WARNING, error);
      indexed.close();
      this.#indexed = undefined;
      this.#used = new MemoryStorage(sessionId);
      return await this.#used.load({ newKey, device }, adopt);
    }
  }

  get keepsNothing(): boolean {
    return this.#isUnkept || this.#used !== this.#indexed;
  }

  /** Where the database does not take a command, it lives as long as the page: better sent unkept than not at all. */
  async add(command: Command): Promise<void> {
    if (this.#isUnkept) return;
    try {
      await this.#used.add(command);
    } catch (error) {
      if (error instanceof Forgotten) throw error;
      this.#isUnkept = true;
      this.#warn(WARNING, error);
    }
  }

  remove(id: string): Promise<void> {
    return this.#used.remove(id);
  }

  save(place: Place): Promise<void> {
    return this.#used.save(place);
  }

  /** See whether another tab of this conversation is gone. */
  async look(): Promise<void> {
    await this.#indexed?.look();
  }

  /** Write no more. What is kept is free for others from now on. */
  close(): void {
    this.#isClosed = true;
    this.#indexed?.close();
  }
}
