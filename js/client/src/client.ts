/**
 * The client's half of a connection, without I/O: loses nothing, delivers nothing twice, comes back.
 *
 * The shell calls one method for everything that happens and obeys the outputs it returns, in order
 * (`clientOutputs.ts`). `now` is in whole milliseconds on any clock that does not run backwards; `roll` is a fresh
 * random number between 0 and 1. Connections are numbered: what still arrives from one that was given up is ignored.
 *
 *     start                          with what was kept: position and state, outbox
 *     opened / received / closed     what happens on a connection
 *     timer                          the time asked for by `set_timer` has come
 *     submit                         a command; keep it on disk before calling this
 *     ask / tell                     a question (repeated until answered) / a frame that may be lost
 *     tryNow / online / offline      a person, or the network, has news
 *     token                          a fresh credential
 *     stop                           the application is done
 *
 * The state is the fold of the patches up to the position (I7): both come from the welcome and then from events only,
 * and are kept together. Tails, history pages and repeated frames never reach `deliver` (I2). What is said and heard on
 * a live connection is the work of `exchange.ts`; here are connections, times and the banner.
 */

import { Backoff, checkRoll } from "./backoff.js";
import type { Banner, Output, Query } from "./clientOutputs.js";
import type { Input, State } from "./clientStates.js";
import { TRANSITIONS } from "./clientStates.js";
import { dutyOf } from "./codes.js";
import { MachineError } from "./errors.js";
import { Broken, Exchange, questionId, SignedOut } from "./exchange.js";
import { Malformed, readError, readFrame, readGoingAway, readWelcome } from "./frames.js";
import type { JsonObject } from "./json.js";
import { known, same } from "./json.js";
import type { Who } from "./link.js";
import { handshake, Link } from "./link.js";
import type { Command } from "./outbox.js";
import { outboxOf } from "./outbox.js";
import type { Position } from "./position.js";
import { Hole } from "./replica.js";

const TOO_BIG = 1009;

/** Whose session this is, and which. */
export interface Identity extends Who {
  /** The session to come back to; without it a new one is asked for. */
  readonly session_id?: string;
  /** Introduce yourself by a `hello` frame with the token, for shells that cannot set headers. */
  readonly hello?: boolean;
}

/** What an earlier life of this client left. A position without its state is worth nothing and is not used. */
export interface Kept {
  readonly position?: Position;
  readonly state?: JsonObject;
  readonly outbox?: readonly Command[];
  readonly token?: string;
}

/** One session as one client sees it, over any number of connections. */
export class ClientMachine {
  readonly exchange: Exchange;
  status: State = "idle";
  banner: Banner | undefined;
  readonly #who: Identity;
  readonly #backoff = new Backoff();
  #token: string | undefined;
  #tokenIsNew = false;
  #retryAt: number | undefined;
  #armed: number | undefined;
  #out: Output[] = [];
  #link = new Link();

  constructor(identity: Identity = {}) {
    this.#who = identity;
    this.exchange = new Exchange(identity.session_id);
  }

  // --- beginning and end --------------------------------------------------------------------------------------------

  /** Begin with what an earlier life kept. */
  start(now: number, { position, state, outbox = [], token }: Kept = {}): Output[] {
    this.#require("start");
    this.exchange.outbox = outboxOf(outbox);
    if (position !== undefined && state !== undefined && this.exchange.sessionId !== undefined) {
      this.exchange.replica.replace(position, state);
    }
    this.#token = token;
    this.#show({ status: "connecting" });
    this.#open("start", now);
    return this.#done();
  }

  /** The application is done. What is in the outbox stays there for the next start. */
  stop(): Output[] {
    this.#require("stop");
    this.#hangUp(1000, "done");
    this.#go("stop", "stopped");
    this.#show({ status: "stopped", reason: "done" });
    return this.#done();
  }

  // --- connections --------------------------------------------------------------------------------------------------

  /** The connection stands; the welcome is next. */
  opened(now: number, connection?: number): Output[] {
    if (this.#link.isStale(connection)) return [];
    this.#require("opened");
    this.#go("opened", "greeting");
    this.#link.opened(now);
    if (this.#who.hello === true) this.#send({ type: "hello", ...this.#query(), token: this.#token ?? null });
    return this.#done();
  }

  /** The connection ended, or could not be opened (1006). `retryAfterMs`: said outside of frames. */
  closed(now: number, code: number, roll: number, connection?: number, retryAfterMs?: number): Output[] {
    if (this.#link.isStale(connection)) return [];
    this.#require("closed", roll);
    const link = this.#link;
    link.attached = false;
    const oldest = this.exchange.outbox.oldestSent();
    if (code === TOO_BIG && oldest !== undefined) {
      const words = "The message is larger than the connection can carry.";
      this.#out.push(...this.exchange.fail(oldest, "too_large", words));
    }
    const why = { code, reason: link.reason(code), ...known({ message: link.message() }) };
    const duty = dutyOf(code);
    // A token that came after this connection was opened is not the one that was refused.
    if (duty === "sign_in" && !this.#tokenIsNew) {
      this.#go("closed", "sign_in");
      this.#show({ status: "sign_in", ...why });
    } else if (duty === "stop") {
      this.#go("closed", "stopped");
      this.#show({ status: "stopped", ...why });
    } else {
      let said = retryAfterMs;
      if (duty === "wait") said ??= link.lastWords?.retry_after_ms ?? this.#backoff.window.min_ms;
      if (said !== undefined) this.#backoff.askedToWait(now + said);
      this.#wait("closed", now, roll);
    }
    return this.#done();
  }

  /** Time has passed. Called too early, it only asks for the right time. */
  timer(now: number, roll: number): Output[] {
    this.#require("timer", roll);
    this.#armed = undefined;
    const { status, exchange } = this;
    const link = this.#link;
    if (status === "waiting" && this.#retryAt !== undefined && now >= this.#retryAt) {
      this.#open("timer", now);
    } else if ((status === "connecting" || status === "greeting") && now >= link.giveUpAt) {
      this.#leave("timer", now, roll, "no_welcome");
    } else if (status === "live" && link.isLost(now)) {
      this.#leave("timer", now, roll, "silence");
    } else if (status === "live") {
      if (link.isSilent(now)) this.#probe(now);
      if (exchange.holdUntil !== undefined && now >= exchange.holdUntil) {
        exchange.holdUntil = undefined;
        this.#out.push(...exchange.flush());
      }
    }
    return this.#done();
  }

  /** One text frame. Whatever leaves a doubt about completeness ends the connection and resumes. */
  received(now: number, text: string, roll: number, connection?: number): Output[] {
    if (this.#link.isStale(connection)) return [];
    this.#require("received", roll);
    this.#link.heard(now);
    try {
      this.#take(now, text, roll);
    } catch (error) {
      this.#distrust(now, roll, error);
    }
    return this.#done();
  }

  #distrust(now: number, roll: number, error: unknown): void {
    if (error instanceof Broken) this.#leave("received", now, roll, error.message);
    else if (error instanceof Hole) this.#leave("received", now, roll, "gap");
    // A RangeError is a frame nested so deep that the stack does not hold it.
    else if (error instanceof Malformed || error instanceof RangeError) this.#leave("received", now, roll, "malformed");
    else if (error instanceof SignedOut && this.#tokenIsNew) this.#leave("received", now, roll, error.code);
    else if (error instanceof SignedOut) {
      this.#hangUp(4000, error.code);
      this.#go("received", "sign_in");
      this.#show({ status: "sign_in", reason: error.code, message: error.message });
    } else throw error;
  }

  #take(now: number, text: string, roll: number): void {
    const frame = readFrame(text);
    if (frame === undefined) return;
    this.#link.lastWords = undefined;
    switch (frame.type) {
      case "welcome":
        this.#welcome(now, frame);
        break;
      case "error": {
        const error = readError(frame);
        const key = questionId(frame);
        this.#link.lastWords = key === undefined ? error : undefined;
        if (this.status === "live") {
          this.#out.push(...this.exchange.refused(now, error, key, this.#backoff.window, roll));
        }
        break;
      }
      case "going_away": {
        const leaving = readGoingAway(frame);
        this.#backoff.askedToWait(now + leaving.retry_after_ms, leaving.window_ms);
        break;
      }
      default:
        if (this.status === "live") {
          this.#out.push(...this.exchange.take(frame));
          this.#tellProgress(false);
        }
    }
  }

  #welcome(now: number, frame: JsonObject): void {
    const welcome = readWelcome(frame);
    if (this.status !== "greeting") {
      // A connection resumes once: the same offer again changes nothing, another epoch is no truth.
      if (welcome.position.epoch !== this.exchange.replica.position?.epoch) throw new Broken("epoch");
      return;
    }
    this.#out.push(...this.exchange.welcome(welcome, this.#link.asked));
    this.#go("received", "live");
    this.#link.welcomed(now, welcome.heartbeat_ms);
    this.#backoff.welcomed(welcome.reconnect);
    if (this.#tokenIsNew) this.#send({ type: "auth", token: this.#token ?? null });
    if (welcome.reason !== undefined) this.#show({ status: "snapshot", reason: welcome.reason });
    else if (welcome.outcome !== "recovered") this.#show({ status: "live" });
    this.#tellProgress(welcome.outcome !== "recovered");
  }

  // --- what the application wants -----------------------------------------------------------------------------------

  /**
   * Take a command into the outbox and send it when its turn comes. The same one again changes nothing.
   *
   * @throws {MachineError} not started, stopped, no id, or the id belongs to another undecided command
   */
  submit(now: number, command: Command): Output[] {
    this.#require("submit");
    if (!this.exchange.outbox.holds(command)) {
      this.exchange.outbox.add(command);
      if (this.status === "live") this.#out.push(...this.exchange.flush());
    }
    return this.#done();
  }

  /**
   * Send a question, and repeat it on every new connection until it is answered. It carries an `id` (`history`) or a
   * `requestId`, and must be one that does no harm when repeated.
   */
  ask(question: JsonObject): Output[] {
    this.#require("ask");
    const key = questionId(question);
    if (key === undefined) throw new MachineError("A question needs an id or a requestId.");
    this.exchange.questions.set(key, question);
    return this.#tell(question);
  }

  /** Send a frame that may be lost (`seen`, `device_state`); without a live connection it is. */
  tell(frame: JsonObject): Output[] {
    this.#require("tell");
    return this.#tell(frame);
  }

  /** A fresh credential: refreshes the open connection, or ends the waiting for a sign-in. */
  token(now: number, token: string): Output[] {
    this.#require("token");
    this.#token = token;
    this.#tokenIsNew = true;
    if (this.status === "sign_in") this.#beginAnew("token", now);
    return this.#tell({ type: "auth", token });
  }

  /** A person wants it now. Skips the jitter, not what the server asked for. A live one is tested. */
  tryNow(now: number): Output[] {
    this.#require("try_now");
    this.#backoff.reset();
    if (this.status === "sign_in" || this.status === "stopped") {
      this.#beginAnew("try_now", now);
    } else if (this.status === "waiting") {
      const soonest = this.#backoff.soonest();
      if (soonest > now) this.#schedule(soonest);
      else this.#open("try_now", now);
    }
    this.#probe(now);
    return this.#done();
  }

  /** The network is back: begin the backoff anew. A live connection may be dead, so it is tested. */
  online(now: number, roll: number): Output[] {
    this.#require("online", roll);
    this.#backoff.reset();
    if (this.status === "waiting") this.#schedule(this.#backoff.plan(now, roll));
    this.#probe(now);
    return this.#done();
  }

  /** The network is said to be gone: no more tries until `online` or `tryNow`. */
  offline(now: number): Output[] {
    this.#require("offline");
    this.#backoff.offline = true;
    if (this.status === "waiting") this.#schedule(undefined);
    this.#probe(now);
    return this.#done();
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #require(said: Input, roll = 0): void {
    if (TRANSITIONS[this.status][said] === undefined) {
      throw new MachineError(`A client that is ${this.status} cannot take ${said}.`);
    }
    checkRoll(roll);
  }

  #go(said: Input, to: State): void {
    if (TRANSITIONS[this.status][said]?.includes(to) !== true) {
      throw new Error(`${this.status} --${said}--> ${to} is not in the table.`);
    }
    this.status = to;
  }

  #query(): Query {
    return handshake(this.#who, this.exchange.sessionId, this.#link.asked);
  }

  #open(said: Input, now: number): void {
    this.#go(said, "connecting");
    this.#backoff.opening();
    this.#link = new Link(this.#link.number + 1, now, this.exchange.replica.position);
    this.#tokenIsNew = false;
    this.#out.push({ out: "open", connection: this.#link.number, query: this.#query() });
  }

  #beginAnew(said: Input, now: number): void {
    this.#backoff.attempt = 0;
    this.#show({ status: "connecting" });
    this.#open(said, now);
  }

  #hangUp(code: number, reason: string): void {
    const link = this.#link;
    if (link.attached) this.#out.push({ out: "close", connection: link.number, code, reason });
    link.attached = false;
  }

  #leave(said: Input, now: number, roll: number, reason: string): void {
    this.#hangUp(4000, reason);
    this.#wait(said, now, roll);
  }

  #wait(said: Input, now: number, roll: number): void {
    if (this.#link.wasStable(now)) this.#backoff.attempt = 0;
    this.#go(said, "waiting");
    this.#schedule(this.#backoff.plan(now, roll));
  }

  #schedule(at: number | undefined): void {
    this.#retryAt = at;
    if (at === undefined) this.#show({ status: "offline" });
    else this.#show({ status: "reconnecting", attempt: this.#backoff.attempt, at });
  }

  #probe(now: number): void {
    if (this.status === "live" && this.#link.test(now)) this.#send({ type: "ping" });
  }

  #send(frame: JsonObject): void {
    this.#out.push({ out: "send", frame });
  }

  #tell(frame: JsonObject): Output[] {
    if (this.status === "live") this.#send(frame);
    return this.#done();
  }

  #tellProgress(fresh: boolean): void {
    const { turnId } = this.exchange.turn;
    const recovered = this.#out.find((output) => output.out === "recovered");
    if (recovered !== undefined) this.#show({ status: "resumed", replayed: recovered.count });
    if ((fresh || recovered !== undefined) && turnId !== undefined) {
      this.#show({ status: "still_working", turn_id: turnId });
    } else if (this.banner?.turn_id !== undefined && this.banner.turn_id !== turnId) {
      this.#show({ status: "live" });
    }
  }

  #show(words: Omit<Banner, "out">): void {
    const banner: Banner = { out: "banner", ...words };
    if (same(banner, this.banner)) return;
    this.banner = banner;
    this.#out.push(banner);
  }

  #deadline(): number | undefined {
    switch (this.status) {
      case "waiting":
        return this.#retryAt;
      case "connecting":
      case "greeting":
        return this.#link.giveUpAt;
      case "live":
        return Math.min(this.exchange.holdUntil ?? Infinity, this.#link.deadline());
      default:
        return undefined;
    }
  }

  #done(): Output[] {
    // A timer that fires too early only asks for the right time, so it is set anew only when it would be too late.
    const at = this.#deadline();
    if (at !== undefined && (this.#armed === undefined || at < this.#armed)) {
      this.#armed = at;
      this.#out.push({ out: "set_timer", at });
    }
    const outputs = this.#out;
    this.#out = [];
    return outputs;
  }
}
