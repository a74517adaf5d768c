/**
 * The socket that the continuity guide's page has, over a session that loses nothing: frames go in and come out by hand,
 * and the state has the names of the plain dialect (`currentStep`, `scrollPosition`).
 *
 * Commands get an id if they have none and wait in the outbox, across drops and reloads; questions are repeated until
 * they are answered; all other frames may be lost. What the guide does on its own, asking for the state after a
 * reconnection, is done here, and after every change of the state too.
 */

import type { Banner, ForApplication } from "../clientOutputs.js";
import { CommandRefused, MachineError } from "../errors.js";
import type { JsonObject } from "../json.js";
import { isObject } from "../json.js";
import { MemoryStorage } from "../memoryStorage.js";
import type { Command } from "../outbox.js";
import { newId } from "./ids.js";
import { isConnected } from "../view.js";
import type { MadeSession } from "./openSession.js";
import { makeSession } from "./openSession.js";

const COMMANDS = ["user_message", "update_state", "stop", "resolve_approval"];
const QUESTIONS = ["get_session_state", "get_rates", "history"];
const OWN = "shipanion-state-";

/** So many frames wait to be looked at; older ones are skipped. */
const UNREAD = 1_000;

export interface PlainSocketOptions {
  /** The server's address; any path in it is not used. Without it the page's own. */
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  /**
   * Whose outbox is kept in this browser. Without it the token says; without either nothing outlives the page, because
   * it might be sent in somebody else's name.
   */
  readonly user?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Milliseconds between two tries at most, unless the server asks for more. Without it the server's window holds. */
  readonly reconnectInterval?: number | undefined;
  /**
   * After so many tries in a row that failed it rests, until `connect` is called, the network comes back, or the page
   * is looked at again. What was sent stays in the outbox. Without it there is no end of trying.
   */
  readonly maxReconnectAttempts?: number | undefined;
  /** Is called after each return of the connection, when what was missed has come. */
  readonly onReconnect?: (() => void) | undefined;
}

export interface PlainSnapshot {
  readonly isConnected: boolean;
  /** Why there is no connection, or why the last frame was refused; null while all is well. */
  readonly error: string | null;
  /** Tries since the connection was lost. */
  readonly reconnectAttempts: number;
  /** The frame that came last, whatever its type; each is shown once, in order. */
  readonly lastMessage: JsonObject | null;
  readonly sessionId: string | null;
  /** As `get_session_state` answers: `currentStep`, `scrollPosition`, and what there is beside. */
  readonly sessionState: JsonObject | null;
}

export class PlainSocket {
  /** May be changed at any time. */
  options: PlainSocketOptions;
  readonly #subscribers = new Set<() => void>();
  readonly #key: string;
  /** Tool calls that are not answered for yet, under their own names; and other names that were given to some. */
  readonly #calls = new Set<string>();
  readonly #aliases = new Map<string, string>();
  #memory: MemoryStorage | undefined;
  #made: MadeSession | undefined;
  #closing: Promise<void> = Promise.resolve();
  #waiting: JsonObject[] = [];
  #tries = 0;
  #wasLive = false;
  #gaveUp = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: JsonObject | undefined;
  #isAsking = false;
  /** The frames that nobody has looked at yet, and whether `lastMessage` was. */
  readonly #frames: JsonObject[] = [];
  #isRead = true;
  #shown: PlainSnapshot = {
    isConnected: false,
    error: null,
    reconnectAttempts: 0,
    lastMessage: null,
    sessionId: null,
    sessionState: null,
  };

  constructor(options: PlainSocketOptions) {
    this.options = options;
    this.#key = newId();
    if (options.sessionId !== undefined) this.#shown = { ...this.#shown, sessionId: options.sessionId };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  };

  snapshot = (): PlainSnapshot => this.#shown;

  /** Connect, or try again now. */
  connect = (): void => {
    if (this.#made !== undefined) {
      if (this.#gaveUp) this.#made.session.networkChanged(true);
      this.#made.session.tryNow();
      return;
    }
    const { url, token } = this.options;
    const user = this.options.user ?? userOf(token);
    const sessionId = this.#shown.sessionId ?? undefined;
    if (user === undefined) this.#memory ??= new MemoryStorage(sessionId);
    const made = makeSession(
      { user: user ?? "", sessionId, newKey: this.#key, url, token },
      {
        ...(this.#memory === undefined ? {} : { storage: this.#memory }),
        opening: () => {
          this.#tries += 1;
        },
        heard: (text) => {
          this.#heard(text);
        },
      },
    );
    this.#made = made;
    made.session.listen((output) => {
      if (this.#made === made) this.#hear(output);
    });
    made.session.subscribe(() => {
      if (this.#made === made) this.#changed(made);
    });
    void this.#closing.then(() => {
      if (this.#made !== made) return;
      made.connect();
      for (const frame of this.#waiting.splice(0)) this.#send(made, frame);
    });
  };

  /** Hang up. What was sent and is not decided stays kept; what is sent from now on waits for `connect`. */
  disconnect = (): void => {
    const made = this.#made;
    if (made === undefined) return;
    this.#made = undefined;
    clearTimeout(this.#timer);
    this.#closing = made.close();
    this.#wasLive = false;
    this.#tries = 0;
    this.#show({ isConnected: false, reconnectAttempts: 0 });
  };

  /** Send a frame. A command outlives whatever drops. */
  sendMessage = (frame: JsonObject): void => {
    const made = this.#made;
    // Until the session is begun, and between two of them, frames wait here.
    if (made === undefined) this.#waiting.push(frame);
    else
      void this.#closing.then(() => {
        if (this.#made === made) this.#send(made, frame);
        else this.sendMessage(frame);
      });
  };

  /** `lastMessage` was looked at: the next frame may take its place. So frames that come together are all seen. */
  read = (frame: JsonObject | null): void => {
    if (frame === this.#shown.lastMessage) this.#next();
  };

  /** A fresh credential: nothing is lost by it, and an open connection stays open. */
  signIn(token: string): void {
    this.options = { ...this.options, token };
    this.#made?.session.signIn(token);
  }

  // --- out ----------------------------------------------------------------------------------------------------------

  #send({ session }: MadeSession, frame: JsonObject): void {
    const type = typeof frame.type === "string" ? frame.type : "";
    const call = frame.client_tool_call;
    if (isObject(call)) void this.#call(frame, { ...call, tool_call_id: call.tool_call_id ?? newId() });
    else if (COMMANDS.includes(type)) this.#watch(session.send({ ...frame, id: frame.id ?? newId() }));
    else if (QUESTIONS.includes(type)) {
      this.#watch(session.ask(type === "history" ? { id: newId(), ...frame } : { requestId: newId(), ...frame }));
    } else if (type === "auth" && typeof frame.token === "string") this.signIn(frame.token);
    else session.tell(frame);
  }

  /** A tool call's id may be used again for another call, as in the plain dialect; it then travels under another name. */
  async #call(frame: JsonObject, call: JsonObject, isAgain = false): Promise<void> {
    const id = typeof call.tool_call_id === "string" ? call.tool_call_id : newId();
    const command: Command = { ...frame, client_tool_call: call };
    if (!isAgain) this.#calls.add(id);
    try {
      await this.#made?.session.send(command);
      this.#calls.delete(id);
    } catch (error) {
      this.#calls.delete(id);
      const isReused = error instanceof MachineError || (error instanceof CommandRefused && error.code === "id_reused");
      if (!isReused || isAgain) {
        this.#failed(error);
        return;
      }
      const alias = `${id}-${newId()}`;
      this.#aliases.set(alias, id);
      await this.#call(frame, { ...call, tool_call_id: alias }, true);
    }
  }

  #watch(sent: Promise<unknown>): void {
    sent.catch((error: unknown) => {
      this.#failed(error);
    });
  }

  /** Endings are told by the banner; a refusal of one frame is told here. */
  #failed(error: unknown): void {
    if (error instanceof CommandRefused || error instanceof MachineError) this.#show({ error: error.message });
  }

  // --- in -----------------------------------------------------------------------------------------------------------

  #heard(text: string): void {
    let frame: unknown;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // the session leaves a server that talks like this
    }
    if (!isObject(frame)) return;
    if (frame.type === "session_state" && isObject(frame.state)) this.#show({ sessionState: frame.state });
    if (isOwn(frame.requestId) || this.#isToBeRenamed(frame)) return;
    this.#frames.push(this.#named(frame));
    if (this.#frames.length > UNREAD) this.#frames.shift();
    if (this.#isRead) this.#next();
  }

  #next(): void {
    const lastMessage = this.#frames.shift();
    this.#isRead = lastMessage === undefined;
    if (lastMessage !== undefined) this.#show({ lastMessage });
  }

  /** The refusal of a tool call that is sent again under another name is nobody's business. */
  #isToBeRenamed({ type, code, id }: JsonObject): boolean {
    return type === "error" && code === "id_reused" && typeof id === "string" && this.#calls.has(id);
  }

  /** A frame with the tool call ids that its receiver knows. */
  #named(frame: JsonObject): JsonObject {
    const name = (id: unknown) => (typeof id === "string" ? this.#aliases.get(id) : undefined);
    const call = frame.client_tool_call;
    if (isObject(call)) {
      const known = name(call.tool_call_id);
      return known === undefined ? frame : { ...frame, client_tool_call: { ...call, tool_call_id: known } };
    }
    const known = name(frame.tool_call_id);
    return known === undefined ? frame : { ...frame, tool_call_id: known };
  }

  #hear(output: ForApplication): void {
    if (output.out === "banner") this.#turned(output);
    if (output.out !== "recovered" && output.out !== "snapshot") return;
    const isReturn = this.#wasLive;
    this.#wasLive = true;
    this.#tries = 0;
    this.#state = undefined;
    this.#show({ reconnectAttempts: 0 });
    if (isReturn) this.options.onReconnect?.();
  }

  #turned({ status, at, message }: Banner): void {
    const { reconnectInterval, maxReconnectAttempts = Infinity } = this.options;
    clearTimeout(this.#timer);
    if (status === "reconnecting" && this.#gaveUp) this.#tries = 0;
    // The first opening is no reconnection.
    const attempts = this.#wasLive ? this.#tries : Math.max(0, this.#tries - 1);
    switch (status) {
      case "reconnecting": {
        this.#gaveUp = attempts >= maxReconnectAttempts;
        const wait = (at ?? 0) - performance.now();
        if (this.#gaveUp) this.#made?.session.networkChanged(false);
        else if (reconnectInterval !== undefined && wait > reconnectInterval) {
          this.#timer = setTimeout(() => this.#made?.session.tryNow(), reconnectInterval);
        }
        break;
      }
      case "offline":
        if (this.#gaveUp) this.#show({ error: `The server cannot be reached; ${attempts} tries failed.` });
        return;
      case "sign_in":
      case "stopped":
        this.#show({ error: message ?? `The connection has ended (${status}).` });
        return;
      default:
        break;
    }
    this.#show({ reconnectAttempts: attempts, error: null });
  }

  #changed({ session }: MadeSession): void {
    const shown = session.snapshot();
    const { state, sessionId = this.#shown.sessionId } = shown;
    const isLive = isConnected(shown);
    this.#show({ isConnected: isLive, sessionId });
    if (isLive && state !== undefined && state !== this.#state && !this.#isAsking) {
      this.#state = state;
      this.#isAsking = true;
      void session
        .ask({ type: "get_session_state", requestId: `${OWN}${newId()}` })
        .catch(() => undefined)
        .finally(() => {
          this.#isAsking = false;
          if (this.#made !== undefined) this.#changed(this.#made);
        });
    }
  }

  #show(changes: Partial<PlainSnapshot>): void {
    const shown = { ...this.#shown, ...changes };
    const names = Object.keys(changes) as (keyof PlainSnapshot)[];
    if (names.every((name) => shown[name] === this.#shown[name])) return;
    this.#shown = shown;
    for (const subscriber of [...this.#subscribers]) subscriber();
  }
}

/** Whether an answer is to a question that the socket asked on its own. */
function isOwn(requestId: unknown): boolean {
  return typeof requestId === "string" && requestId.startsWith(OWN);
}

/** Whom a token is for, as it says itself; whether that is true is the server's business. */
export function userOf(token: string | undefined): string | undefined {
  try {
    const claims: unknown = JSON.parse(
      atob((token ?? "").split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? ""),
    );
    return isObject(claims) && typeof claims.sub === "string" ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}
