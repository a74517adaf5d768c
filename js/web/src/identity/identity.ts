/**
 * Who is here, and for how long: one for the page. Decides nothing about sessions; they belong to a person and are
 * opened again when the person changes.
 *
 *     starting      asking the server
 *     unreachable   it does not answer, and nobody is known to have been here
 *     signed_out    nobody is here; a form says how to come in
 *     here          somebody is. `isLapsed`: the credential is no good any more, and the form stands above their work
 *
 * All tabs of a browser share one cookie, so whatever changes it is told to the others, who ask anew.
 */

import type { DeviceMemory } from "../app/deviceMemory.js";
import type { About, Api, Me } from "./api.js";
import { ApiError } from "./api.js";
import { renewalDelay } from "./renewal.js";

export type IdentityState = Starting | Unreachable | SignedOut | Here;

export interface Starting {
  readonly phase: "starting";
}

export interface Unreachable {
  readonly phase: "unreachable";
  /** A sentence. */
  readonly problem: string;
}

export interface SignedOut {
  readonly phase: "signed_out";
  readonly about: About;
  /** Who was here last, if their sign-in just ran out. */
  readonly last?: Me;
}

export interface Here {
  readonly phase: "here";
  readonly about: About;
  readonly me: Me;
  readonly isLapsed: boolean;
  /** A guest's visit ran out, and this is another guest. */
  readonly isNewGuest?: boolean;
}

/** What is between the tabs of a browser. */
export type Channel = Pick<BroadcastChannel, "postMessage" | "onmessage">;

export interface IdentityPorts {
  readonly api: Api;
  readonly memory: DeviceMemory;
  readonly channel?: Channel;
  /** Erase what the client keeps for a person in this browser. */
  readonly forget: (user: string) => Promise<void>;
  readonly now: () => number;
  readonly setTimer: (callback: () => void, ms: number) => unknown;
  readonly clearTimer: (timer: unknown) => void;
}

/** Whether the cookie was found good. */
export type Checked = "good" | "lapsed" | "unknown";

const RETRY_MS = 5_000;
const CHANGED = "identity";
/** Names in the device's memory. */
const ME = "me";
const ABOUT = "about";
const LEFT = "left";

export class Identity {
  readonly #ports: IdentityPorts;
  readonly #listeners = new Set<() => void>();
  readonly #ticketTakers = new Set<(ticket: string) => void>();
  #state: IdentityState = { phase: "starting" };
  #timer: unknown;

  constructor(ports: IdentityPorts) {
    this.#ports = ports;
    if (ports.channel !== undefined) {
      ports.channel.onmessage = ({ data }: MessageEvent) => {
        if (data === CHANGED) void this.#changedElsewhere();
      };
    }
  }

  /** Who is here: the same object until that changes. */
  state = (): IdentityState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Have `take` given a fresh ticket whenever there is one, for an open connection. Returns how to end that. */
  onTicket(take: (ticket: string) => void): () => void {
    this.#ticketTakers.add(take);
    return () => this.#ticketTakers.delete(take);
  }

  // --- coming in ----------------------------------------------------------------------------------------------------

  /**
   * Find out who is here; the first time, and where guests may come in, be one. When the server does not answer, go on
   * as who was here last: what is kept in this browser can be looked at and added to.
   */
  async start(): Promise<void> {
    this.#clear();
    const { api, memory } = this.#ports;
    const last = memory.recall(ME) as Me | undefined;
    const about = await settled(api.about());
    const known = about instanceof ApiError ? (memory.recall(ABOUT) as About | undefined) : about;
    const me = await this.#asked(about);
    if (known === undefined) {
      this.#unreachable(about as ApiError);
      return;
    }
    memory.remember(ABOUT, known);
    if (!(me instanceof ApiError)) {
      this.#here(known, me);
    } else if (isNobody(me)) {
      await this.#nobody(known, last);
    } else if (last !== undefined) {
      this.#show({ phase: "here", about: known, me: last, isLapsed: false });
      this.#later(() => void this.check(), RETRY_MS);
    } else {
      this.#unreachable(me);
    }
  }

  /** @throws {ApiError} */
  async signIn(username: string, password: string): Promise<void> {
    const before = this.#me();
    this.#cameIn(await this.#ports.api.signIn(username, password));
    // A guest whose cookie was replaced is out of reach for good, and so is what was kept for them.
    const after = this.#me();
    if (before?.kind === "guest" && before.user_id !== after?.user_id) await this.#ports.forget(before.user_id);
  }

  /** @throws {ApiError} */
  async comeInAsGuest(): Promise<void> {
    this.#cameIn(await this.#ports.api.guest());
  }

  /**
   * The guest becomes an account: the same person, with the same sessions. Open connections go on.
   *
   * @throws {ApiError}
   */
  async makeAccount(username: string, password: string): Promise<void> {
    this.#cameIn(await this.#ports.api.makeAccount(username, password));
    await this.renew();
  }

  // --- staying ------------------------------------------------------------------------------------------------------

  /** Ask for a ticket and hand it to the open connection; the cookie is renewed with it when that is due. */
  async renew(): Promise<Checked> {
    const state = this.#state;
    if (state.phase !== "here") return "unknown";
    this.#clear();
    const ticket = await settled(this.#ports.api.ticket());
    if (ticket instanceof ApiError) return this.#refused(ticket);
    const checked = await this.check();
    // The cookie may have become somebody else's: their ticket is not for this person's connection.
    if (this.#me()?.user_id === state.me.user_id) for (const take of [...this.#ticketTakers]) take(ticket);
    return checked;
  }

  /** Who is here, where that needs a question at all. */
  async #asked(about: About | ApiError): Promise<Me | ApiError> {
    if (about instanceof ApiError && about.temporary) return about;
    if (!(about instanceof ApiError) && about.cookie === false)
      return new ApiError("sign_in", "Nobody is here.", false);
    return settled(this.#ports.api.me());
  }

  /** Ask again who is here: another tab may have changed it, or the cookie may have run out. */
  async check(): Promise<Checked> {
    const state = this.#state;
    if (state.phase === "starting" || state.phase === "unreachable") return "unknown";
    this.#clear();
    const me = await settled(this.#ports.api.me());
    if (me instanceof ApiError) return this.#refused(me);
    this.#here(state.about, me);
    return "good";
  }

  // --- leaving ------------------------------------------------------------------------------------------------------

  /**
   * Sign out, on all devices, and erase what this browser kept for the person.
   *
   * @throws {ApiError} nothing was changed
   */
  async signOut(): Promise<void> {
    const state = this.#state;
    if (state.phase !== "here") return;
    const signedOut = await settled(this.#ports.api.signOut());
    // Whoever has no good credential is out already.
    if (signedOut instanceof ApiError && !isNobody(signedOut)) throw signedOut;
    this.#leave(state.about);
    this.#tellOthers();
    await this.#ports.forget(state.me.user_id);
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  async #nobody(about: About, last: Me | undefined): Promise<void> {
    const { api, memory } = this.#ports;
    if (!about.guests || last?.kind === "account" || memory.recall(LEFT) === true) {
      this.#show({ phase: "signed_out", about, ...(last === undefined ? {} : { last }) });
      return;
    }
    const guest = await settled(api.guest());
    if (!(guest instanceof ApiError)) this.#here(about, guest, last !== undefined);
    else if (guest.temporary) this.#unreachable(guest);
    else this.#show({ phase: "signed_out", about });
  }

  async #changedElsewhere(): Promise<void> {
    if (this.#state.phase === "unreachable" || this.#state.phase === "starting") return;
    // What our connection came in with may have ended with the change: a ticket keeps it open.
    await (this.#state.phase === "here" ? this.renew() : this.check());
  }

  #cameIn(me: Me): void {
    const state = this.#state;
    if (state.phase !== "here" && state.phase !== "signed_out") return;
    this.#here(state.about, me);
    this.#tellOthers();
  }

  #here(about: About, me: Me, isNewGuest = false): void {
    const { memory, now } = this.#ports;
    memory.remember(ME, me);
    memory.remember(LEFT, undefined);
    const state = this.#state;
    const staysNew = isNewGuest || (state.phase === "here" && state.isNewGuest === true && same(state.me, me));
    if (state.phase !== "here" || state.isLapsed || !same(state.me, me) || state.me.expires_at !== me.expires_at) {
      this.#show({ phase: "here", about, me, isLapsed: false, ...(staysNew ? { isNewGuest: true } : {}) });
    }
    this.#later(() => void this.renew(), renewalDelay(me.expires_at, now()));
  }

  /** The cookie was asked about, and this came back. */
  #refused(error: ApiError): Checked {
    const state = this.#state;
    if (state.phase !== "here") return isNobody(error) ? "lapsed" : "unknown";
    if (!isNobody(error)) {
      this.#later(() => void this.check(), error.retryAfterMs ?? RETRY_MS);
      return "unknown";
    }
    if (this.#ports.memory.recall(LEFT) === true) this.#leave(state.about);
    else if (!state.isLapsed) this.#show({ ...state, isLapsed: true });
    return "lapsed";
  }

  #leave(about: About): void {
    this.#clear();
    this.#ports.memory.remember(ME, undefined);
    this.#ports.memory.remember(LEFT, true);
    this.#show({ phase: "signed_out", about });
  }

  #unreachable({ message, retryAfterMs }: ApiError): void {
    this.#show({ phase: "unreachable", problem: message });
    this.#later(() => void this.start(), retryAfterMs ?? RETRY_MS);
  }

  #me(): Me | undefined {
    return this.#state.phase === "here" ? this.#state.me : undefined;
  }

  #tellOthers(): void {
    this.#ports.channel?.postMessage(CHANGED);
  }

  #later(callback: () => void, ms: number): void {
    this.#clear();
    this.#timer = this.#ports.setTimer(callback, ms);
  }

  #clear(): void {
    if (this.#timer !== undefined) this.#ports.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #show(state: IdentityState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

function same(one: Me, other: Me): boolean {
  return one.user_id === other.user_id && one.name === other.name && one.kind === other.kind;
}

/** `forbidden` is what the cookie of an account that was shut gets. */
function isNobody({ code }: ApiError): boolean {
  return code === "sign_in" || code === "expired" || code === "forbidden";
}

async function settled<T>(answer: Promise<T>): Promise<T | ApiError> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}
