/** A client's copy of a session: the shared state, and the position up to which it is the fold of the log (I7). */

import { ShipanionError } from "./errors.js";
import type { JsonObject } from "./json.js";
import { isObject } from "./json.js";
import { mergePatch } from "./mergePatch.js";
import type { Position } from "./position.js";

/** An event arrived before one that must come first. The connection that sent it is not to be trusted. */
export class Hole extends ShipanionError {
  override readonly name = "Hole";
}

/** Position and state, which only ever change together. Both undefined: nothing is known yet. */
export class Replica {
  position: Position | undefined;
  state: JsonObject | undefined;

  /** Start anew from a snapshot. */
  replace(position: Position, state: JsonObject): void {
    this.position = position;
    this.state = state;
  }

  /** Ask for a snapshot next time. */
  forget(): void {
    this.position = this.state = undefined;
  }

  /**
   * Fold the next event in and return its position; undefined for one that was taken before.
   *
   * @throws {Hole} there are events missing before this one, or there is nothing to fold it into; nothing changed
   */
  take(offset: number, event: JsonObject): Position | undefined {
    const { position } = this;
    if (position === undefined || offset > position.offset + 1) {
      throw new Hole(`Event ${offset} came after ${position?.offset ?? "nothing"}.`);
    }
    if (offset <= position.offset) return undefined;
    if (isObject(event.patch)) this.state = mergePatch(this.state, event.patch) as JsonObject;
    this.position = { epoch: position.epoch, offset };
    return this.position;
  }
}
