/** Storage that lives as long as the page: for tests, and for pages that keep nothing. */

import type { Command } from "./outbox.js";
import { commandId } from "./outbox.js";
import type { ClientStorage, Fresh, Place, Stored } from "./ports.js";

export class MemoryStorage implements ClientStorage {
  readonly #commands = new Map<string, Command>();
  #fresh: Fresh | undefined;
  #place: Place | undefined;

  /** @param sessionId the session to join; without it a new one is asked for */
  constructor(readonly sessionId?: string) {}

  load(fresh: Fresh): Promise<Stored> {
    const { newKey, device } = (this.#fresh ??= fresh);
    const sessionId = this.#place?.sessionId ?? this.sessionId;
    return Promise.resolve({
      newKey,
      device,
      outbox: [...this.#commands.values()],
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(this.#place === undefined ? {} : { place: this.#place }),
    });
  }

  add(command: Command): Promise<void> {
    this.#commands.set(commandId(command), command);
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    this.#commands.delete(id);
    return Promise.resolve();
  }

  save(place: Place): Promise<void> {
    this.#place = place;
    return Promise.resolve();
  }
}
