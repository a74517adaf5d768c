/**
 * What goes to and fro once a client is welcome: events in, commands and questions out, nothing lost between two lines.
 *
 * The half of the client machine that knows the log. It does not know connections, timers or backoff; those are the
 * machine's (`client.ts`). It outlives every connection.
 */

import type { Window } from "./backoff.js";
import { delayMs } from "./backoff.js";
import type { Output, StateSaved } from "./clientOutputs.js";
import { ShipanionError } from "./errors.js";
import type { ReadWelcome } from "./frames.js";
import { readAck, readDelta } from "./frames.js";
import type { JsonObject } from "./json.js";
import { known, utf8Length } from "./json.js";
import { LiveTurn } from "./liveTurn.js";
import { commandId, Outbox } from "./outbox.js";
import type { Position } from "./position.js";
import { isOffset, samePosition } from "./position.js";
import { Replica } from "./replica.js";
import type { ErrorFrame, SessionEvent } from "./wire.js";

const NOTICES = ["presence", "session_state", "auth_ok"];
const SIGNED_OUT = ["sign_in", "expired"];

/** What came cannot be trusted to be complete: leave this connection and resume. `message` is a short reason. */
export class Broken extends ShipanionError {
  override readonly name = "Broken";
}

/** A command was refused for want of a credential. It stays in the outbox, for the next one. */
export class SignedOut extends ShipanionError {
  override readonly name = "SignedOut";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What ties a question to its answer: `id` (`history`) or `requestId`, as text. */
export function questionId(frame: JsonObject): string | undefined {
  const key = Object.hasOwn(frame, "id") ? frame.id : frame.requestId;
  return typeof key === "string" || typeof key === "number" ? String(key) : undefined;
}

/** Log, outbox, questions and the running turn of one session, as one client holds them. */
export class Exchange {
  readonly replica = new Replica();
  readonly turn = new LiveTurn();
  readonly questions = new Map<string, JsonObject>();
  outbox = new Outbox();
  /** Commands wait until then, because the server refused one for now. */
  holdUntil: number | undefined;
  #refusals = 0;
  #frameLimit: number | undefined;
  #replaying: { readonly until: number; readonly count: number } | undefined;

  constructor(public sessionId: string | undefined) {}

  // --- out ----------------------------------------------------------------------------------------------------------

  /** Send the commands that have not gone out on this connection, in order, unless they have to wait. */
  flush(): Output[] {
    if (this.holdUntil !== undefined) return [];
    return this.outbox.takeUnsent().flatMap((command): Output[] => {
      const limit = this.#frameLimit;
      if (limit === undefined || utf8Length(JSON.stringify(command)) <= limit) return [{ out: "send", frame: command }];
      const words = `The message is too large; a frame may have at most ${limit} bytes.`;
      return this.fail(commandId(command), "too_large", words);
    });
  }

  /** The command is refused for good. */
  fail(id: string, code: string, message: string): Output[] {
    return this.outbox.decided(id) ? [{ out: "failed", id, code, message }] : [];
  }

  // --- in -----------------------------------------------------------------------------------------------------------

  /**
   * Take the handshake's answer in, then begin the connection with everything that is undecided.
   *
   * @param asked the position this connection was opened with
   * @throws {Broken} it is not an answer to what was asked; nothing changed, except that a position on which the server
   *   and we disagree is forgotten, so that the next answer is a snapshot
   */
  welcome(welcome: ReadWelcome, asked: Position | undefined): Output[] {
    const { session_id: sessionId, position, state, turn } = welcome;
    if (sessionId === undefined || (this.sessionId !== undefined && sessionId !== this.sessionId)) {
      throw new Broken("wrong_session");
    }
    const recovered = welcome.outcome === "recovered";
    if (recovered && (asked === undefined || !samePosition(position, asked))) {
      this.replica.forget();
      throw new Broken("wrong_position");
    }
    if (!recovered && state === undefined) throw new Broken("no_state");

    this.sessionId = sessionId;
    this.#frameLimit = welcome.limits.frame;
    const outputs: Output[] = [
      {
        out: "attached",
        session_id: sessionId,
        ...known({
          devices: welcome.devices.length > 0 ? welcome.devices : undefined,
          device_state: welcome.device_state,
          digest: welcome.digest,
        }),
      },
    ];
    this.#replaying = undefined;
    if (state === undefined || recovered) {
      this.#replaying = { until: position.offset + welcome.replayed, count: welcome.replayed };
    } else {
      this.replica.replace(position, state);
      const tail = welcome.tail !== undefined && welcome.tail.length > 0 ? welcome.tail : undefined;
      outputs.push({ out: "snapshot", position, state, ...known({ tail, reason: welcome.reason }) });
      outputs.push(this.#saved(position));
    }
    this.turn.replace(turn);
    if (turn !== undefined) outputs.push({ out: "turn_text", turn_id: turn.turn_id, text: turn.text });
    this.outbox.rewind();
    this.holdUntil = undefined;
    outputs.push(...this.flush());
    for (const question of this.questions.values()) outputs.push({ out: "send", frame: question });
    return [...outputs, ...this.#caughtUp(position)];
  }

  /**
   * One frame of the session, other than `welcome`, `error` and `going_away`. An event is anything with an offset,
   * whether its type is known or not. Other unknown frames mean nothing.
   *
   * @throws {Hole} an event before this one is missing
   * @throws {Malformed} it is not what the schema says
   */
  take(frame: JsonObject): Output[] {
    const kind = frame.type;
    if (typeof kind !== "string" || ![undefined, null, this.sessionId].includes(frame.session_id as string)) return [];
    if (kind === "ack") {
      return readAck(frame).acks.flatMap((ack) => this.#settle(ack.id, ack.offset, ack.duplicate));
    }
    if (kind === "agent_delta") {
      const { turn_id, text: piece, ...rest } = readDelta(frame);
      const grown = this.turn.append({ turn_id, text: piece, ...rest });
      return grown ? [{ out: "delta", turn_id, piece, text: this.turn.text }] : [];
    }
    if (isOffset(frame.offset)) return this.#event(kind, frame.offset, frame);
    const key = questionId(frame);
    if (key !== undefined && this.questions.delete(key)) return [{ out: "answer", id: key, frame }];
    return NOTICES.includes(kind) ? [{ out: "notice", frame }] : [];
  }

  /**
   * The server refused the command or question `key`, or something that bears no id.
   *
   * @throws {SignedOut} for want of a credential; the command is kept
   */
  refused(now: number, error: ErrorFrame, key: string | undefined, window: Window, roll: number): Output[] {
    const { code, message, temporary, retry_after_ms } = error;
    if (key !== undefined && this.outbox.has(key)) {
      if (SIGNED_OUT.includes(code)) throw new SignedOut(code, message);
      if (!temporary) return this.fail(key, code, message);
      this.outbox.rewind(key);
      // `retry_in_order` follows a refusal that already named the time; alone, it still must not wait for ever.
      if (code !== "retry_in_order" || this.holdUntil === undefined) {
        const wait = retry_after_ms ?? delayMs(this.#refusals, roll, window);
        this.#refusals += 1;
        this.holdUntil = Math.max(this.holdUntil ?? 0, now + wait);
      }
      return [];
    }
    if (key !== undefined) this.questions.delete(key);
    return [{ out: "refused", code, message, temporary, ...known({ id: key, retry_after_ms }) }];
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #event(kind: string, offset: number, event: JsonObject): Output[] {
    const position = this.replica.take(offset, event);
    if (position === undefined) return [];
    const outputs: Output[] = [{ out: "deliver", position, event: event as SessionEvent }];
    if (typeof event.id === "string") outputs.push(...this.#settle(event.id, offset, false));
    if (kind === "agent_message" || kind === "turn_ended") this.turn.ended(event.turn_id);
    return [...outputs, this.#saved(position), ...this.#caughtUp(position)];
  }

  #settle(id: string, offset: number, duplicate: boolean): Output[] {
    if (!this.outbox.decided(id)) return [];
    this.#refusals = 0;
    return [{ out: "settled", id, offset, ...(duplicate ? { duplicate } : {}) }];
  }

  #saved(position: Position): StateSaved {
    return { out: "save", session_id: this.sessionId ?? "", position, state: this.replica.state ?? {} };
  }

  #caughtUp(position: Position): Output[] {
    const replaying = this.#replaying;
    if (replaying === undefined || position.offset < replaying.until) return [];
    this.#replaying = undefined;
    return [{ out: "recovered", count: replaying.count }];
  }
}
