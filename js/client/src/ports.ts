/**
 * What a session needs from its surroundings. Everything that differs between a browser, Node and a test is behind
 * these; the rest of the package does no I/O.
 */

import type { Query } from "./clientOutputs.js";
import type { JsonObject } from "./json.js";
import type { Command } from "./outbox.js";
import type { Position } from "./position.js";

export interface Ports {
  readonly transport: Transport;
  readonly storage: ClientStorage;
  readonly timers: Timers;
  /** Milliseconds on a clock that does not run backwards (`performance.now`). */
  now(): number;
  /** A fresh random number, 0 <= n < 1 (`Math.random`). */
  random(): number;
  /** A fresh random text, never the same twice (`crypto.randomUUID`). */
  newId(): string;
  /** Something went wrong that nothing is lost by: it is done again, or replayed. */
  warn?(what: string, error: unknown): void;
}

/** Opens lines to the server. */
export interface Transport {
  /**
   * Begin to open a line to `/ws` with these fields in its query, offering the subprotocol `shipanion.v1`. What happens
   * to it is told to `heard`, from `opened` or `closed` on; after `closed` nothing comes any more.
   */
  open(query: Query, heard: LineEvents): Line;
}

/** One connection, carrying text frames. Neither method throws, nor waits. */
export interface Line {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface LineEvents {
  opened(): void;
  received(text: string): void;
  /** The line ended, or could not be opened; 1006 where there is no code. `retryAfterMs`: said by an HTTP answer. */
  closed(code: number, retryAfterMs?: number): void;
}

/** `setTimeout` and `clearTimeout`. */
export interface Timers {
  set(callback: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

/** Where one conversation is kept between two lives of the page. One session at a time writes to one of these. */
export interface ClientStorage {
  /**
   * What an earlier life kept; `fresh` is kept and given back for what there is not yet. Where several write the same
   * conversation, each in a storage of its own, `adopt` is called later with the commands of one that is gone: they are
   * kept here now, and to be sent from here.
   */
  load(fresh: Fresh, adopt: (commands: readonly Command[]) => void): Promise<Stored>;
  /** What is added lives as long as the page only: there is nowhere to write it down. */
  readonly keepsNothing?: boolean;
  /** Keep a command; durable when the promise resolves, and never sent when it rejects. */
  add(command: Command): Promise<void>;
  /** The command is decided. */
  remove(id: string): Promise<void>;
  /** Keep session, position and state, all of them or none. */
  save(place: Place): Promise<void>;
}

/** Ids made for the first life: the key under which a new session is asked for, and the name of this device. */
export interface Fresh {
  readonly newKey: string;
  readonly device: string;
}

export interface Stored extends Fresh {
  /** The session, as soon as it is known; without it a new one is asked for. */
  readonly sessionId?: string;
  readonly place?: Place;
  /** The commands not yet decided, in the order in which they were added. */
  readonly outbox: readonly Command[];
}

export interface Place {
  readonly sessionId: string;
  readonly position: Position;
  readonly state: JsonObject;
}
