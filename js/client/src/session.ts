/**
 * A session for an application: say something and it arrives, whatever happens to the line in between.
 *
 *     const session = new Session(ports, { token });
 *     await session.connect();
 *     await session.say("five pounds from 90210 to 10001"); // once it is committed
 *
 * A thin shell: the machine decides (`client.ts`), `driver.ts` obeys it, `view.ts` says what is shown. What happens is
 * told in two ways: `subscribe` and `snapshot` for what is to be shown (they fit React's `useSyncExternalStore`),
 * `listen` for every output in order, which is what a transcript is made from.
 *
 * A command is kept before it is sent and stays kept until it is decided, so it outlives a reload; a promise does not,
 * and rejects when nothing is left to wait for, while the command goes on.
 */

import type { Kept } from "./client.js";
import type { Banner, ForApplication, Settled, StateSaved } from "./clientOutputs.js";
import { Driver } from "./driver.js";
import type { ShipanionError } from "./errors.js";
import {
  CommandRefused,
  ConnectionRefused,
  MachineError,
  SessionEnded,
  SignInNeeded,
  StorageFailed,
  ToolFailed,
} from "./errors.js";
import { questionId } from "./exchange.js";
import type { Json, JsonObject } from "./json.js";
import { known, same, wellFormed } from "./json.js";
import { Keeper } from "./keeper.js";
import type { Command } from "./outbox.js";
import { commandId } from "./outbox.js";
import type { Ports } from "./ports.js";
import { Results } from "./results.js";
import type { SessionSnapshot } from "./view.js";
import { adopted, dropped, given, isBeingKept, kept, NOTHING, openApproval, restored, told } from "./view.js";
import { Waiting } from "./waiting.js";
import type { HistoryPage } from "./wire.js";

export interface SessionOptions {
  /** The credential, said in a `hello` frame. Without it the transport brings one along, as a browser does a cookie. */
  readonly token?: string;
  /** Whom this page takes itself to act for, by `user_id`: where the credential is another's, a sign-in is needed. */
  readonly user?: string;
}

const LIVE = "live";

export class Session {
  readonly #ports: Ports;
  readonly #driver: Driver;
  readonly #keeper: Keeper;
  readonly #results: Results;
  readonly #live = new Waiting<undefined>();
  readonly #settled = new Waiting<Settled>();
  readonly #answers = new Waiting<JsonObject>();
  readonly #subscribers = new Set<() => void>();
  readonly #listeners = new Set<(output: ForApplication) => void>();
  readonly #user: string | undefined;
  #token: string | undefined;
  #shown = NOTHING;
  #notified = NOTHING;
  #beginning: Promise<void> | undefined;
  #storing: Promise<void> = Promise.resolve();
  #unsubmitted: Command[] = [];
  #failure: ShipanionError | undefined;
  #isOnline = true;
  #isClosed = false;

  constructor(ports: Ports, options: SessionOptions = {}) {
    this.#ports = ports;
    this.#token = options.token;
    this.#user = options.user;
    this.#keeper = new Keeper(ports.storage, (what, error) => ports.warn?.(what, error));
    this.#results = new Results((before) => this.history(before, 200));
    this.#driver = new Driver(
      ports,
      (output) => {
        this.#hear(output);
      },
      () => {
        this.#submitKept();
        this.#notify();
      },
    );
  }

  // --- beginning and end --------------------------------------------------------------------------------------------

  /**
   * Load what was kept and connect; resolves once the session is live, which may take as long as the network does.
   *
   * @throws {SignInNeeded} the credential was refused
   * @throws {ConnectionRefused} the server turned this client away
   * @throws {StorageFailed} what was kept cannot be read; nothing was begun
   */
  async connect(): Promise<void> {
    this.#beginning ??= this.#storing = this.#begin();
    await this.#beginning;
    this.#throwIfOver();
    if (this.#isSignedOut()) throw this.#signInNeeded();
    if (this.#driver.status !== "live") await this.#live.answer(LIVE);
  }

  /** Hang up and write what is not written yet. What was not decided stays kept for the next life. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#driver.stop();
    this.#rejectAll(new SessionEnded("The session was closed."));
    await this.#storing;
    await this.#keeper.rest();
  }

  async #begin(): Promise<void> {
    const ports = this.#ports;
    try {
      const stored = await ports.storage.load({ newKey: ports.newId(), device: ports.newId() }, (commands) => {
        this.#adopt(commands);
      });
      if (this.#isClosed) return;
      const { sessionId, newKey, device, place, outbox } = stored;
      const identity = {
        new: newKey,
        device,
        client: ports.newId(),
        hello: this.#token !== undefined,
        ...known({ session_id: sessionId, user: this.#user }),
      };
      const life: Kept = { outbox, ...known({ token: this.#token, position: place?.position, state: place?.state }) };
      this.#show(restored(this.#shown, stored));
      this.#driver.start(identity, life);
      if (!this.#isOnline) this.#driver.networkChanged(false);
    } catch (cause) {
      this.#failure = new StorageFailed(`What this page had kept cannot be used: ${String(cause)}`, { cause });
      this.#rejectAll(this.#failure);
    }
  }

  // --- what is shown ------------------------------------------------------------------------------------------------

  /** Have `listener` called whenever `snapshot()` gives another object. Returns how to end that. */
  subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  };

  /** What is to be shown now: the same object until something in it changes. */
  snapshot = (): SessionSnapshot => this.#shown;

  /** Have `listener` given everything that happens, in order. Returns how to end that. */
  listen(listener: (output: ForApplication) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --- what can be done ---------------------------------------------------------------------------------------------

  /**
   * Say something to Bob; resolves once it is committed. `send` says what is thrown. It bears which open question was
   * known here: a yes to one that came later, unread, buys nothing.
   */
  say(text: string, id = this.#ports.newId()): Promise<Settled> {
    return this.send({ type: "user_message", id, text, approval_id: openApproval(this.#shown.state) });
  }

  /** Change the shared state by a JSON merge patch; resolves once it is committed. */
  update(patch: JsonObject, id = this.#ports.newId()): Promise<Settled> {
    return this.send({ type: "update_state", id, patch });
  }

  /** Answer what the owner's yes is asked for; resolves once it is committed. What a yes leads to comes as events. */
  resolve(approvalId: string, decision: "approved" | "declined", id = this.#ports.newId()): Promise<Settled> {
    return this.send({ type: "resolve_approval", id, approval_id: approvalId, decision });
  }

  /** End a turn of Bob's; resolves once that is committed. */
  stop(turnId: string, id = this.#ports.newId()): Promise<Settled> {
    return this.send({ type: "stop", id, turn_id: turnId });
  }

  /**
   * Send any command, with an id of the caller's making; resolves once it is committed. Giving the same command again
   * is harmless: it is one command.
   *
   * @throws {CommandRefused} the server decided against it
   * @throws {SignInNeeded} the credential was refused; the command is kept
   * @throws {ConnectionRefused} the server turned this client away; a command it had taken in is kept
   * @throws {SessionEnded} the session was closed meanwhile; the command is kept
   * @throws {StorageFailed} the command could not be kept, so it was not sent
   * @throws {MachineError} not connected, no id, or the id belongs to another undecided command
   */
  async send(wish: Command): Promise<Settled> {
    this.#throwIfOver();
    const command = wellFormed(wish);
    const id = commandId(command);
    const pending = this.#shown.pending.find((item) => item.id === id);
    if (pending !== undefined && !same(pending.command, command)) {
      throw new MachineError(
        `The id ${JSON.stringify(id)} is already used by another command that is not decided yet.`,
      );
    }
    if (pending?.acked !== undefined) return { out: "settled", id, offset: pending.acked };
    const answer = this.#settled.answer(id);
    if (pending === undefined) {
      this.#show(given(this.#shown, command));
      this.#storing = this.#storing.then(() => this.#store(id, command));
    } else if (this.#isSignedOut()) {
      this.#settled.reject(id, this.#signInNeeded());
    }
    return answer;
  }

  /**
   * Run a tool on the server and return its result, across reconnections.
   *
   * @throws {ToolFailed} the result is an error
   * @throws {CommandRefused} the call itself was refused; and as `send`
   */
  async callTool(name: string, parameters: JsonObject, id = this.#ports.newId()): Promise<Json> {
    const call = { tool_name: name, tool_call_id: id, parameters };
    const result = this.#results.answer(id);
    const sent = this.send({ type: "client_tool_call", client_tool_call: call });
    sent.catch((error: unknown) => {
      this.#results.reject(id, error);
    });
    const event = await result;
    if (event.is_error) throw new ToolFailed(id, event.result);
    return event.result;
  }

  /**
   * Up to `limit` events older than the offset `before`; the newest when it is left out. A view: nothing in it is given
   * to `listen`.
   *
   * @throws {CommandRefused} the server refused the question; ConnectionRefused, SessionEnded: as `send`
   */
  async history(before?: number, limit = 50): Promise<HistoryPage> {
    const question = { type: "history", id: this.#ports.newId(), limit, ...known({ before }) };
    return (await this.ask(question)) as HistoryPage;
  }

  /**
   * Ask a question, with an `id` or a `requestId`, and get the frame that answers it. It is repeated on every new
   * connection until it is answered, so it must do no harm when repeated. While a sign-in is needed it waits.
   */
  async ask(question: JsonObject): Promise<JsonObject> {
    this.#throwIfOver();
    const id = questionId(question);
    if (id === undefined) throw new MachineError("A question needs an id or a requestId.");
    const answer = this.#answers.answer(id);
    void this.#beginning?.then(() => {
      this.#driver.ask(question);
    });
    return answer;
  }

  /** Tell the server that the person was shown everything up to here. Lost when there is no connection. */
  seen(visible = true): void {
    const { position } = this.#shown;
    if (position !== undefined) this.#driver.tell({ type: "seen", position: { ...position }, visible });
  }

  /** Tell the server where this device is on its page. Lost when there is no connection. */
  keepDeviceState(patch: JsonObject): void {
    this.#driver.tell({ type: "device_state", patch });
  }

  /** Send any frame that may be lost, as `device_state` may. Lost when there is no connection. */
  tell(frame: JsonObject): void {
    this.#driver.tell(frame);
  }

  /**
   * Use a fresh credential: on the open connection, and to come back if the old one was refused. Where the transport
   * brings the credential, `tryNow` leads on as soon as it has a good one.
   */
  signIn(token: string): void {
    this.#token = token;
    this.#driver.token(token);
  }

  /** Do not wait for the next try; where a connection seems live, test it. Also leads on from `stopped`. */
  tryNow(): void {
    this.#driver.tryNow();
  }

  /** The platform says that there is a network, or that there is none. */
  networkChanged(online: boolean): void {
    this.#isOnline = online;
    this.#driver.networkChanged(online);
  }

  // --- what comes in ------------------------------------------------------------------------------------------------

  #hear(output: ForApplication | StateSaved): void {
    this.#shown = told(this.#shown, output);
    switch (output.out) {
      case "save":
        this.#keeper.keep({ sessionId: output.session_id, position: output.position, state: output.state });
        return;
      case "answer":
        this.#answers.resolve(output.id, output.frame);
        break;
      case "refused":
        if (output.id !== undefined) {
          this.#answers.reject(output.id, new CommandRefused(output.id, output.code, output.message));
        }
        break;
      case "settled":
        this.#keeper.settle(output.id);
        this.#results.accepted(output);
        this.#settled.resolve(output.id, output);
        break;
      case "failed":
        this.#keeper.settle(output.id);
        this.#settled.reject(output.id, new CommandRefused(output.id, output.code, output.message));
        break;
      case "deliver":
        this.#results.look(output.event);
        break;
      case "snapshot":
        this.#results.lookBack();
        break;
      case "banner":
        this.#turned(output);
        break;
      default:
        break;
    }
    for (const listener of [...this.#listeners]) {
      call(() => {
        listener(output);
      });
    }
  }

  #turned({ status, code }: Banner): void {
    if (this.#driver.status === "live") this.#live.resolve(LIVE, undefined);
    if (status === "stopped") this.#rejectAll(code === undefined ? this.#ended() : this.#refused());
    if (status === "sign_in") {
      this.#settled.rejectAll(this.#signInNeeded());
      this.#live.rejectAll(this.#signInNeeded());
    }
  }

  #show(shown: SessionSnapshot): void {
    this.#shown = shown;
    this.#notify();
  }

  /** Subscribers hear of the outputs of one input together, so that they never see half of it. */
  #notify(): void {
    if (this.#shown === this.#notified) return;
    this.#notified = this.#shown;
    for (const subscriber of [...this.#subscribers]) call(subscriber);
  }

  // --- commands on their way to the machine -------------------------------------------------------------------------

  async #store(id: string, command: Command): Promise<void> {
    if (!isBeingKept(this.#shown, id)) return; // it was given again, and an earlier life had kept it already
    try {
      await this.#ports.storage.add(command);
    } catch (cause) {
      this.#show(dropped(this.#shown, id));
      this.#settled.reject(
        id,
        new StorageFailed(`It could not be kept, so it was not sent: ${String(cause)}`, { cause }),
      );
      return;
    }
    if (this.#ports.storage.keepsNothing !== true) this.#show(kept(this.#shown, id));
    this.#unsubmitted.push(command);
    this.#submitKept();
    if (this.#isSignedOut()) this.#settled.reject(id, this.#signInNeeded());
  }

  /** Take over what another life of this conversation kept and did not bring to an end. */
  #adopt(commands: readonly Command[]): void {
    const held = new Set(this.#shown.pending.map(({ id }) => id));
    const news = commands.filter((command) => !held.has(commandId(command)));
    if (this.#isClosed || news.length === 0) return;
    this.#show(adopted(this.#shown, news));
    this.#unsubmitted.push(...news);
    this.#submitKept();
  }

  /** What was kept while the machine could not take it, because the server had said stop, goes when it can again. */
  #submitKept(): void {
    while (this.#unsubmitted.length > 0 && this.#driver.takes("submit")) {
      const command = this.#unsubmitted.shift();
      if (command !== undefined) this.#driver.submit(command);
    }
  }

  // --- endings ------------------------------------------------------------------------------------------------------

  #throwIfOver(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed) throw this.#ended();
    if (this.#beginning === undefined) throw new MachineError("Connect the session first.");
    if (this.#driver.status === "stopped") throw this.#refused();
  }

  #rejectAll(error: ShipanionError): void {
    for (const waiting of [this.#live, this.#settled, this.#answers, this.#results]) waiting.rejectAll(error);
  }

  #ended(): SessionEnded {
    return new SessionEnded("The session was closed.");
  }

  #refused(): ConnectionRefused {
    const { code = 1000, reason = "done", message } = this.#shown.banner;
    return new ConnectionRefused(code, reason, message ?? "The server closed the session for good.");
  }

  #isSignedOut(): boolean {
    return this.#driver.status === "sign_in";
  }

  #signInNeeded(): SignInNeeded {
    const { reason = "sign_in", message = "The server does not accept the credential." } = this.#shown.banner;
    return new SignInNeeded(reason, `${message} What was said is kept, and goes out after signing in.`);
  }
}

/** A listener's own mistake must not stop the session: it surfaces as a rejection that nobody handled. */
function call(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    void Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
