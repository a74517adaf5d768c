/** Messages that came to nothing, kept until the person decides what to do with them. */

import type { ForApplication, SessionSnapshot } from "@shipanion/client";
import { CommandRefused, SessionEnded, SignInNeeded } from "@shipanion/client";
import type { FailedCommand, GivenCommands } from "../session/givenCommands.js";
import type { Failure } from "./ending.js";
import { saidIn } from "./ending.js";

/** As much of a session as is used. */
export interface Said {
  say(text: string, id: string): Promise<unknown>;
  snapshot(): Pick<SessionSnapshot, "pending">;
  subscribe(listener: () => void): () => void;
  listen(listener: (output: ForApplication) => void): () => void;
}

/** Says things in a session and remembers what failed. Fits `useSyncExternalStore`. */
export class Failures {
  readonly #session: Said;
  readonly #given: GivenCommands;
  /** The texts that wait, also those of an earlier life of this page. */
  readonly #waiting = new Map<string, string>();
  #shown: { readonly of: readonly FailedCommand[]; readonly failed: readonly Failure[] } = { of: [], failed: [] };

  constructor(session: Said, given: GivenCommands) {
    this.#session = session;
    this.#given = given;
  }

  /** Begin to listen. Returns how to end that. */
  attend = (): (() => void) => {
    const note = (): void => {
      for (const { id, command } of this.#session.snapshot().pending) {
        const text = saidIn(command);
        if (text !== undefined) this.#waiting.set(id, text);
      }
    };
    note();
    const ends = [
      this.#session.subscribe(note),
      this.#session.listen((output) => {
        if (output.out === "settled") this.#waiting.delete(output.id);
        if (output.out === "failed") this.#fail(output.id, output.message);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  };

  subscribe = (listener: () => void): (() => void) => this.#given.subscribe(listener);

  /** Also those of an earlier life of this page. */
  failed = (): readonly Failure[] => {
    const of = this.#given.failed();
    if (of !== this.#shown.of) {
      const failed = of.flatMap(({ id, command, reason }) => {
        const text = saidIn(command);
        return text === undefined ? [] : [{ id, text, reason }];
      });
      this.#shown = { of, failed };
    }
    return this.#shown.failed;
  };

  /** Say something; whatever becomes of it is shown. */
  say(text: string, id: string): void {
    this.#waiting.set(id, text);
    this.#session.say(text, id).then(
      () => this.#waiting.delete(id),
      (error: unknown) => {
        // The refusal is heard of as well; signed out or closed, it is kept and goes out later.
        if (error instanceof CommandRefused || error instanceof SignInNeeded || error instanceof SessionEnded) return;
        if (this.#session.snapshot().pending.some((item) => item.id === id)) return;
        this.#fail(id, error instanceof Error ? error.message : "It could not be sent.");
      },
    );
  }

  /** It is dealt with. Returns its text. */
  take(id: string): string | undefined {
    const failure = this.failed().find((item) => item.id === id);
    this.#given.drop(id);
    return failure?.text;
  }

  #fail(id: string, reason: string): void {
    const text = this.#waiting.get(id);
    if (text === undefined) return;
    this.#waiting.delete(id);
    this.#given.fail({ type: "user_message", id, text }, reason);
  }
}

/** Ids that the browser makes are random, also on a page without `crypto.randomUUID` (not https). */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
