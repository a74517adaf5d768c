/** Tabs of one browser: storages on one database, each with locks and a channel of its own, and mortal. */

import { Database } from "../../src/browser/database.js";
import type { Channel } from "../../src/browser/indexedStorage.js";
import { IndexedStorage } from "../../src/browser/indexedStorage.js";
import type { Command } from "../../src/outbox.js";
import { commandId } from "../../src/outbox.js";
import type { Stored } from "../../src/ports.js";
import type { TabLocks } from "./lockManager.js";
import { LockManager, never } from "./lockManager.js";

/** When a tab dies: before or after the work of its so-manieth transaction. */
export interface Death {
  readonly at: number;
  readonly after: boolean;
}

export class Browser {
  readonly locks = new LockManager();
  readonly channels = new Set<TestChannel>();
  #tabs = 0;

  constructor(readonly user = "ann") {}

  /** Opens a tab; it has loaded when `loaded` resolves, which it never does when it dies before. */
  open(options: { sessionId?: string; newKey?: string; user?: string } = {}, death?: Death): Tab {
    this.#tabs += 1;
    return new Tab(this, `tab-${this.#tabs}`, { user: this.user, ...options }, death);
  }
}

export class Tab {
  readonly storage: IndexedStorage;
  readonly locks: TabLocks;
  readonly channel: TestChannel;
  readonly database: MortalDatabase;
  readonly warnings: string[] = [];
  /** The ids of the commands that this tab is to send, in order. */
  readonly sends: string[] = [];
  readonly loaded: Promise<Stored>;

  constructor(
    browser: Browser,
    readonly name: string,
    options: { user: string; sessionId?: string; newKey?: string },
    death: Death | undefined,
  ) {
    this.locks = browser.locks.tab();
    this.channel = new TestChannel(browser.channels);
    this.database = new MortalDatabase(death, () => {
      this.die();
    });
    this.storage = new IndexedStorage({
      database: this.database,
      locks: this.locks,
      channel: this.channel,
      device: "d",
      owner: name,
      warn: (what, error) => this.warnings.push(`${what}: ${String(error)}`),
      ...options,
    });
    this.loaded = this.#load();
  }

  /** As when the browser ends it: nothing is tidied up. */
  die(): void {
    this.database.end();
    this.channel.close();
    this.locks.die();
  }

  async add(id: string): Promise<void> {
    const command = said(id);
    await this.storage.add(command);
    this.sends.push(id);
  }

  async #load(): Promise<Stored> {
    const fresh = { newKey: `key-of-${this.name}`, device: "unused" };
    const stored = await this.storage.load(fresh, (commands) => this.sends.push(...commands.map(commandId)));
    this.sends.push(...stored.outbox.map(commandId));
    return stored;
  }
}

export function said(id: string): Command {
  return { type: "user_message", id, text: `I say ${id}` };
}

/** A database whose page dies at a certain transaction, and then hears of nothing any more. */
class MortalDatabase extends Database {
  #isDead = false;
  #count = 0;

  constructor(
    readonly death: Death | undefined,
    readonly die: () => void,
  ) {
    super();
  }

  end(): void {
    this.#isDead = true;
  }

  override read: Database["read"] = (work) => this.#mortal(() => super.read(work));
  override write: Database["write"] = (work) => this.#mortal(() => super.write(work));
  override writeThrough: Database["writeThrough"] = (work) => this.#mortal(() => super.writeThrough(work));

  async #mortal<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    const isLast = this.#count === this.death?.at;
    if (isLast && !this.death.after) this.die();
    const result = this.#isDead ? undefined : { of: await work() };
    if (isLast) this.die();
    return result === undefined || this.#hasEnded() ? await never() : result.of;
  }

  #hasEnded(): boolean {
    return this.#isDead;
  }
}

/** A BroadcastChannel whose words arrive a moment later. */
class TestChannel implements Channel {
  onmessage: ((event: MessageEvent) => void) | null = null;

  constructor(readonly all: Set<TestChannel>) {
    all.add(this);
  }

  postMessage(message: unknown): void {
    const event = { data: structuredClone(message) } as MessageEvent;
    for (const other of this.all) if (other !== this) queueMicrotask(() => other.onmessage?.(event));
  }

  close(): void {
    this.onmessage = null;
    this.all.delete(this);
  }
}
