/** One connection as the client sees it: its number, how long it has been silent, and how it ended. */

import type { Query } from "./clientOutputs.js";
import { closeName } from "./codes.js";
import { MachineError } from "./errors.js";
import { known } from "./json.js";
import type { Position } from "./position.js";
import type { ErrorFrame } from "./wire.js";

/** How long opening a connection may take, and then the welcome. */
export const GREETING_MS = 10_000;

/** After this long without a frame the client asks whether anybody is there. */
export const SILENCE_MS = 15_000;

/** After this long without an answer to that it gives the connection up. */
export const PONG_MS = 5_000;

/** A connection that lived this long starts the backoff anew; one that dies sooner does not, or it would spin. */
export const STABLE_MS = 1_000;

/**
 * What a client says of itself: its key for a new session, the device it runs on, its own id, and whom it takes itself
 * to act for.
 */
export interface Who {
  readonly new?: string;
  readonly device?: string;
  readonly client?: string;
  readonly user?: string;
}

/** The fields of the handshake, for a session that is known or is to be made. */
export function handshake(who: Who, sessionId: string | undefined, asked: Position | undefined): Query {
  return known({
    session_id: sessionId,
    new: sessionId === undefined ? who.new : undefined,
    epoch: asked?.epoch,
    offset: asked?.offset,
    device: who.device,
    client: who.client,
    user: who.user,
  });
}

/** The present connection. `number` 0: there never was one. Times are the machine's, in milliseconds. */
export class Link {
  attached: boolean;
  giveUpAt: number;
  lastWords: ErrorFrame | undefined;
  #liveSince: number | undefined;
  #heard: number;
  #silenceMs = SILENCE_MS;
  #pongBy: number | undefined;

  constructor(
    readonly number = 0,
    now = 0,
    readonly asked?: Position,
  ) {
    this.attached = number > 0;
    this.giveUpAt = now + GREETING_MS;
    this.#heard = now;
  }

  /**
   * Whether what comes from connection `number` (undefined: the present one) no longer counts.
   *
   * @throws {MachineError} that connection was never asked for
   */
  isStale(number: number | undefined): boolean {
    if (number !== undefined && number > this.number) {
      throw new MachineError(`Connection ${number} was never asked for.`);
    }
    const givenUp = this.number > 0 && !this.attached;
    return givenUp || (number !== undefined && number < this.number);
  }

  /** It stands; the welcome has its own time. */
  opened(now: number): void {
    this.giveUpAt = now + GREETING_MS;
  }

  /** It is live. A server may ask to be tested sooner, never later. */
  welcomed(now: number, heartbeatMs: number): void {
    this.#liveSince = now;
    this.#silenceMs = Math.min(SILENCE_MS, Math.max(PONG_MS, heartbeatMs));
  }

  /** Something came in, so somebody is there. */
  heard(now: number): void {
    this.#heard = now;
    this.#pongBy = undefined;
  }

  /** True when a ping is to be sent now; false when one is under way. */
  test(now: number): boolean {
    if (this.#pongBy !== undefined) return false;
    this.#pongBy = now + PONG_MS;
    return true;
  }

  /** Long enough to ask. */
  isSilent(now: number): boolean {
    return this.#pongBy === undefined && now >= this.#heard + this.#silenceMs;
  }

  /** Asked, and no answer came. */
  isLost(now: number): boolean {
    return this.#pongBy !== undefined && now >= this.#pongBy;
  }

  /** It was of use. */
  wasStable(now: number): boolean {
    return this.#liveSince !== undefined && now >= this.#liveSince + STABLE_MS;
  }

  /** When a live one must be looked at again. */
  deadline(): number {
    return this.#pongBy ?? this.#heard + this.#silenceMs;
  }

  /** Why it ended, for programs: the server's last error, else the name of the close code, else its number. */
  reason(code: number): string {
    return this.lastWords?.code ?? closeName(code);
  }

  /** Why it ended, for a person. */
  message(): string | undefined {
    return this.lastWords?.message;
  }
}
