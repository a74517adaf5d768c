/** Keeps a client's place without holding up the client: one save at a time, always of the newest place. */

import type { ClientStorage, Place } from "./ports.js";

type Warn = (what: string, error: unknown) => void;

export class Keeper {
  #next: Place | undefined;
  #saving: Promise<void> | undefined;
  #removing: Promise<void> = Promise.resolve();

  constructor(
    readonly storage: ClientStorage,
    readonly warn: Warn,
  ) {}

  /** This is the place now. That the saved one is behind only means that more is replayed. */
  keep(place: Place): void {
    this.#next = place;
    this.#saving ??= this.#save();
  }

  /** A decided command need not be kept; one that stays goes out again without harm. */
  settle(id: string): void {
    const removed = this.storage.remove(id).catch((error: unknown) => {
      this.warn("a decided command stays in the storage", error);
    });
    this.#removing = this.#removing.then(() => removed);
  }

  /** Everything is written, or was given up. */
  async rest(): Promise<void> {
    await this.#removing;
    await this.#saving;
  }

  async #save(): Promise<void> {
    while (this.#next !== undefined) {
      const place = this.#next;
      this.#next = undefined;
      try {
        await this.storage.save(place);
      } catch (error) {
        this.warn("the place was not saved, so more will be replayed", error);
      }
    }
    this.#saving = undefined;
  }
}
