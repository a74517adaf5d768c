/** Timers that fire when a test says so. */

import type { Timers } from "../../src/ports.js";

export class TurnedClock implements Timers {
  readonly #alarms = new Map<number, { callback: () => void; at: number }>();
  #count = 0;
  now = 0;

  set = (callback: () => void, ms: number): number => {
    this.#count += 1;
    this.#alarms.set(this.#count, { callback, at: this.now + ms });
    return this.#count;
  };

  clear = (alarm: unknown): void => {
    this.#alarms.delete(alarm as number);
  };

  /** Lets `ms` milliseconds pass; what is due fires in order. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = [...this.#alarms]
        .filter(([, { at }]) => at <= until)
        .sort((one, other) => one[1].at - other[1].at)[0];
      if (due === undefined) break;
      this.#alarms.delete(due[0]);
      this.now = due[1].at;
      due[1].callback();
    }
    this.now = until;
  }

  get isArmed(): boolean {
    return this.#alarms.size > 0;
  }
}
