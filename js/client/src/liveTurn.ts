/**
 * The text of the turn that is being answered now, put together from pieces that may be missing or late.
 *
 * Pieces are counted (`index`), so text is never joined across a hole and never appended twice. Whatever is shown from
 * here is provisional: the `agent_message` event replaces it.
 */

import type { AgentDelta, TurnSoFar } from "./wire.js";

/** At most one running turn and its text so far. */
export class LiveTurn {
  turnId: string | undefined;
  text = "";
  #nextIndex = 0;
  #broken = false;

  /** Take the server's word for which turn runs and how far it is; forget everything else. */
  replace(turn: TurnSoFar | undefined): void {
    this.turnId = turn?.turn_id;
    this.text = turn?.text ?? "";
    this.#nextIndex = turn?.next_index ?? 0;
    this.#broken = false;
  }

  /**
   * Add a piece; true when the text grew. A lower index was seen before and is dropped. A higher one means that a piece
   * is missing: nothing is added any more until the turn ends or a welcome replaces the text.
   */
  append(piece: AgentDelta): boolean {
    if (piece.turn_id !== this.turnId) this.replace({ turn_id: piece.turn_id, text: "", next_index: 0 });
    if (piece.index > this.#nextIndex) this.#broken = true;
    if (this.#broken || piece.index < this.#nextIndex) return false;
    this.text += piece.text;
    this.#nextIndex += 1;
    return true;
  }

  /** The turn's message or end arrived as an event. */
  ended(turnId: unknown): void {
    if (turnId === this.turnId) this.replace(undefined);
  }
}
