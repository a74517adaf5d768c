/**
 * What a person said or changed, for as long as this page is all that knows of it: from the keystroke until the
 * session has it written down, and again when it came to nothing, until the person decides what to do with it. It is
 * kept at once, in memory that does not wait for a disk, so that a reload in between loses nothing. It is told to no
 * server. The command is given to the session again under its own id, so it is one command however often that is.
 */

import type { Command, JsonObject, Session } from "@shipanion/client";
import { CommandRefused, commandId, MachineError, SessionEnded, SignInNeeded } from "@shipanion/client";
import type { PlaceStorage, Shelves, Which } from "./devicePlace.js";
import { keyOf, keysOf } from "./devicePlace.js";

/** As much of a session as is used. */
export type Giving = Pick<Session, "send" | "snapshot" | "subscribe">;

/** A command that came to nothing, and why. */
export interface FailedCommand {
  readonly id: string;
  readonly command: Command;
  readonly reason: string;
}

interface Entry {
  readonly at: number;
  readonly command: Command;
  readonly reason?: string;
}

/** Failed ones that one conversation keeps; the oldest go. */
const MOST_FAILED = 20;
/** Commands that bear what a person wrote. */
const WORDS: readonly unknown[] = ["user_message", "update_state"];

/** One conversation's. `subscribe` and `failed` fit `useSyncExternalStore`. */
export class GivenCommands {
  readonly #shelves: readonly PlaceStorage[];
  readonly #now: () => number;
  readonly #subscribers = new Set<() => void>();
  /** By id, oldest first. */
  readonly #entries = new Map<string, Entry>();
  /** Those of an earlier life that the session was not given again yet. */
  readonly #left = new Set<string>();
  #which: Which;
  #session: Giving | undefined;
  #failed: readonly FailedCommand[] = [];

  constructor(which: Which, { browser, tab }: Shelves, now: () => number = Date.now) {
    this.#which = which;
    this.#shelves = [browser, tab].filter((shelf) => shelf !== undefined);
    this.#now = now;
    this.#load(which.sessionId);
    this.#load(which.newKey);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  };

  /** What came to nothing, oldest first. */
  failed = (): readonly FailedCommand[] => this.#failed;

  /** The session became known by its id: what was kept under the key of its making is kept under that from now on. */
  known(sessionId: string): void {
    if (this.#which.sessionId === sessionId) return;
    for (const id of this.#entries.keys()) this.#erase(id);
    this.#which = { ...this.#which, sessionId };
    for (const [id, entry] of this.#entries) this.#write(id, entry);
    this.#load(sessionId);
    if (this.#session !== undefined) this.#look(this.#session);
  }

  /** Keep what this session is given until it has it itself, and give it what an earlier life had not. */
  attend(session: Giving): () => void {
    this.#session = session;
    const end = session.subscribe(() => {
      this.#look(session);
    });
    this.#look(session);
    return () => {
      this.#session = undefined;
      end();
    };
  }

  /** It came to nothing. */
  fail(command: Command, reason: string): void {
    this.#put(command, reason);
    for (const { id } of this.#failed.slice(0, -MOST_FAILED)) this.drop(id);
  }

  /** It is dealt with. */
  drop(id: string): void {
    this.#left.delete(id);
    if (!this.#entries.delete(id)) return;
    this.#erase(id);
    this.#tell();
  }

  #look(session: Giving): void {
    const pending = new Map(session.snapshot().pending.map((item) => [item.id, item]));
    for (const [id, { command, isBeingKept, acked }] of pending) {
      this.#left.delete(id);
      if (isBeingKept && acked === undefined && WORDS.includes(command.type) && !this.#entries.has(id))
        this.#put(command);
    }
    for (const [id, { reason }] of [...this.#entries]) {
      const isOut = reason === undefined && !this.#left.has(id);
      const item = pending.get(id);
      if (isOut && (item?.isBeingKept !== true || item.acked !== undefined)) this.drop(id);
    }
    for (const id of [...this.#left]) this.#giveAgain(session, id);
  }

  #giveAgain(session: Giving, id: string): void {
    const command = this.#entries.get(id)?.command;
    if (command === undefined || !this.#left.delete(id)) return;
    session.send(command).catch((error: unknown) => {
      // The session has not begun: it says when it has. Otherwise it is heard of, or kept and goes out later.
      if (error instanceof MachineError) this.#put(command, undefined, true);
      if ([CommandRefused, SignInNeeded, SessionEnded, MachineError].some((kind) => error instanceof kind)) return;
      if (session.snapshot().pending.some((item) => item.id === id)) return;
      if (command.type === "user_message") this.fail(command, error instanceof Error ? error.message : String(error));
    });
  }

  #put(command: Command, reason?: string, isLeft = false): void {
    const id = commandId(command);
    const newest = Math.max(0, ...[...this.#entries.values()].map(({ at }) => at));
    const at = this.#entries.get(id)?.at ?? Math.max(this.#now(), newest + 1);
    const entry = reason === undefined ? { at, command } : { at, command, reason };
    if (isLeft) this.#left.add(id);
    this.#entries.set(id, entry);
    this.#write(id, entry);
    if (reason !== undefined) this.#tell();
  }

  #tell(): void {
    const failed = [...this.#entries].flatMap(([id, { command, reason }]) =>
      reason === undefined ? [] : [{ id, command, reason }],
    );
    if (failed.length === 0 && this.#failed.length === 0) return;
    this.#failed = failed;
    for (const subscriber of [...this.#subscribers]) subscriber();
  }

  #load(name: string | undefined): void {
    if (name === undefined) return;
    const { user } = this.#which;
    const found = this.#shelves.flatMap((shelf) => {
      try {
        return keysOf(user, shelf, prefixOf(name)).flatMap((key) => entryOf(shelf.getItem(key)));
      } catch {
        return [];
      }
    });
    for (const entry of found.sort((one, other) => one.at - other.at)) {
      const id = commandId(entry.command);
      if (this.#entries.has(id)) continue;
      this.#entries.set(id, entry);
      if (entry.reason === undefined) this.#left.add(id);
    }
    this.#tell();
  }

  #write(id: string, entry: Entry): void {
    const key = this.#keyOf(id);
    for (const shelf of key === undefined ? [] : this.#shelves) {
      try {
        shelf.setItem(key ?? "", JSON.stringify(entry));
        return;
      } catch {
        // Full, or not allowed: the next one has to do.
      }
    }
  }

  #erase(id: string): void {
    const key = this.#keyOf(id);
    for (const shelf of this.#shelves) if (key !== undefined) shelf.removeItem(key);
  }

  #keyOf(id: string): string | undefined {
    const { user, sessionId, newKey } = this.#which;
    const name = sessionId ?? newKey;
    return name === undefined ? undefined : keyOf(user, `${prefixOf(name)}${id}`);
  }
}

function prefixOf(name: string): string {
  return `given ${encodeURIComponent(name)} `;
}

/** What was kept, as far as it is a command. */
function entryOf(text: string | null): Entry[] {
  try {
    const { at, command, reason } = JSON.parse(text ?? "null") as Record<string, unknown>;
    if (typeof at !== "number" || !WORDS.includes((command as JsonObject).type)) return [];
    commandId(command as Command);
    return [{ at, command: command as Command, ...(typeof reason === "string" ? { reason } : {}) }];
  } catch {
    return [];
  }
}
