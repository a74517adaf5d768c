/**
 * Calls back for many changes at once: the first right away, those that follow closely together, a little later. So
 * what a person does is seen at once, and a thousand replayed events are a handful of calls.
 */

import type { Timers } from "./ports.js";

/** One frame of a screen. */
const APART_MS = 16;

export class Batch {
  #timer: unknown;
  #isResting = true;
  #isDue = false;

  constructor(
    readonly timers: Timers,
    readonly callBack: () => void,
    readonly apartMs = APART_MS,
  ) {}

  /** Something changed. */
  mark(): void {
    if (!this.#isResting) {
      this.#isDue = true;
      return;
    }
    this.#isResting = false;
    this.#timer = this.timers.set(() => {
      this.#isResting = true;
      if (this.#isDue) this.mark();
    }, this.apartMs);
    this.#isDue = false;
    this.callBack();
  }

  /** No more calls. */
  end(): void {
    this.timers.clear(this.#timer);
    this.#isResting = false;
  }
}
