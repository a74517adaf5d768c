/**
 * How long a client waits before it comes back: full jitter, inside the window the server gave.
 *
 * Full jitter means that the wait is uniform between nothing and a ceiling that doubles. Thousands of clients that lost
 * the same server in the same instant are so spread from the very first try. The dice are an argument.
 */

import { MachineError } from "./errors.js";

/** Milliseconds: the first try comes within `min_ms`, none later than `max_ms` after the last. */
export interface Window {
  readonly min_ms: number;
  readonly max_ms: number;
}

/** What holds until a server says otherwise. */
export const FIRST_WINDOW: Window = { min_ms: 500, max_ms: 20_000 };

const DOUBLINGS = 32;

/**
 * Milliseconds until the next try.
 *
 * @param attempt how many tries failed since the connection last held; 0 for the first
 * @param roll a fresh random number, 0 <= roll <= 1
 * @param window the server's; the ceiling starts at `min_ms`, doubles with every try and ends at `max_ms`
 * @throws {MachineError} `attempt` is negative or `roll` is outside 0..1
 */
export function delayMs(attempt: number, roll: number, window: Window): number {
  if (!(attempt >= 0)) throw new MachineError("Attempts count from 0.");
  return spreadMs(0, Math.min(window.max_ms, window.min_ms * 2 ** Math.min(attempt, DOUBLINGS)), roll);
}

/**
 * `baseMs` plus an even share of `windowMs`: how clients of a leaving server come back one by one.
 *
 * @throws {MachineError} `roll` is outside 0..1
 */
export function spreadMs(baseMs: number, windowMs: number, roll: number): number {
  checkRoll(roll);
  return Math.max(0, baseMs) + Math.floor(Math.max(0, windowMs) * roll);
}

/** Throws `MachineError` unless `roll` lies between 0 and 1. */
export function checkRoll(roll: number): void {
  if (!(roll >= 0 && roll <= 1)) throw new MachineError("A roll lies between 0 and 1.");
}

/** When one client comes back next. Times are on the caller's clock, in milliseconds. */
export class Backoff {
  window = FIRST_WINDOW;
  attempt = 0;
  offline = false;
  notBefore = 0;
  #spread: number | undefined;

  /** A server let us in: what an earlier one asked for is over. */
  welcomed(window: Window): void {
    this.window = window;
    this.notBefore = 0;
    this.#spread = undefined;
  }

  /** The server named a time, and how far clients shall spread after it. The latest time holds. */
  askedToWait(until: number, spread?: number): void {
    this.notBefore = Math.max(this.notBefore, until);
    if (spread !== undefined) this.#spread = spread;
  }

  /** A try begins. The spread was for the first one; further ones go by the backoff. */
  opening(): void {
    this.#spread = undefined;
  }

  /** The time of the next try, which is counted; undefined while there is no network. */
  plan(now: number, roll: number): number | undefined {
    const wait =
      this.#spread === undefined ? delayMs(this.attempt, roll, this.window) : spreadMs(0, this.#spread, roll);
    this.attempt += 1;
    return this.offline ? undefined : Math.max(now, this.notBefore) + wait;
  }

  /** Somebody asked not to wait, or the network came back. */
  reset(): void {
    this.attempt = 0;
    this.offline = false;
  }

  /** The first time the server would have us; this try is counted like a planned one. */
  soonest(): number {
    this.attempt += 1;
    return this.notBefore;
  }
}
