/**
 * What the client machine asks its shell to do, and what it tells the application.
 *
 * Plain JSON, named by `out`, with the wire's own names in it, so that golden dialogues read the same in every
 * language. A member without a value is left out. A shell performs the outputs of one input in order, before it gives
 * the machine the next input.
 */

import type { JsonObject } from "./json.js";
import type { Position } from "./position.js";
import type { DevicePresence, Digest, SessionEvent } from "./wire.js";

export type Output = ForShell | ForApplication;

export type ForShell = Open | Send | Close | SetTimer | StateSaved;

export type ForApplication =
  Attached | Snapshot | Recovered | Deliver | Settled | Failed | Refused | Answer | Delta | TurnText | Notice | Banner;

/** The fields of the handshake. */
export type Query = { readonly [name: string]: string | number };

// --- for the shell --------------------------------------------------------------------------------------------------

/** Open connection number `connection` to `/ws` with these query fields; the credential is the shell's. */
export type Open = { readonly out: "open"; readonly connection: number; readonly query: Query };

/** Send one frame on the present connection. */
export type Send = { readonly out: "send"; readonly frame: JsonObject };

/** Close that connection now and do not wait for the peer: nothing that still comes from it counts. */
export type Close = {
  readonly out: "close";
  readonly connection: number;
  readonly code: number;
  readonly reason: string;
};

/** Call `timer` at `at` (ms, on the clock of `now`). Replaces the timer set before. */
export type SetTimer = { readonly out: "set_timer"; readonly at: number };

/** Keep these together or not at all. An older pair is always safe: the rest is replayed. */
export type StateSaved = {
  readonly out: "save";
  readonly session_id: string;
  readonly position: Position;
  readonly state: JsonObject;
};

// --- for the application --------------------------------------------------------------------------------------------

/**
 * A connection was welcomed. `device_state` is this device's own place on the page, if it has one; `digest` what
 * happened while it was away.
 */
export type Attached = {
  readonly out: "attached";
  readonly session_id: string;
  readonly devices?: readonly DevicePresence[];
  readonly device_state?: JsonObject;
  readonly digest?: Digest;
};

/**
 * Start anew from `state` at `position`. `tail` is for showing; it was not and will not be delivered. `reason` says why
 * a client that gave a position was not caught up; without one nothing failed.
 */
export type Snapshot = {
  readonly out: "snapshot";
  readonly position: Position;
  readonly state: JsonObject;
  readonly tail?: readonly SessionEvent[];
  readonly reason?: string;
};

/** Everything that was missed has now been delivered; it was `count` events. */
export type Recovered = { readonly out: "recovered"; readonly count: number };

/**
 * The next event of the log: each position once, without a gap (I1, I2). A newer server may have types of event that
 * `SessionEvent` does not name; they come all the same.
 */
export type Deliver = { readonly out: "deliver"; readonly position: Position; readonly event: SessionEvent };

/** The command is committed (I4); `offset` is the event that says so. `duplicate`: by an earlier sending. */
export type Settled = {
  readonly out: "settled";
  readonly id: string;
  readonly offset: number;
  readonly duplicate?: true;
};

/** The command was refused for good and has left the outbox. */
export type Failed = { readonly out: "failed"; readonly id: string; readonly code: string; readonly message: string };

/** The server refused something that is not in the outbox: a question, or a frame without id. */
export type Refused = {
  readonly out: "refused";
  readonly code: string;
  readonly message: string;
  readonly temporary: boolean;
  readonly id?: string;
  readonly retry_after_ms?: number;
};

/** The answer to a question, e.g. a `history_page`. A view: nothing in it is ever delivered. */
export type Answer = { readonly out: "answer"; readonly id: string; readonly frame: JsonObject };

/** One more piece of a running turn, and the text so far with it. */
export type Delta = { readonly out: "delta"; readonly turn_id: string; readonly piece: string; readonly text: string };

/** The running turn's text so far. Replaces whatever was shown of it. */
export type TurnText = { readonly out: "turn_text"; readonly turn_id: string; readonly text: string };

/** A frame of the moment, passed on as it came: `presence`, `session_state`, `auth_ok`. */
export type Notice = { readonly out: "notice"; readonly frame: JsonObject };

export type Status =
  "connecting" | "live" | "reconnecting" | "offline" | "resumed" | "snapshot" | "still_working" | "sign_in" | "stopped";

/**
 * The one line a person reads about the connection.
 *
 * `connecting`, `live`; `reconnecting` (try `attempt` begins `at` ms); `offline` (waiting for the network); `resumed`
 * (live again, `replayed` events were missed); `snapshot` (live again, with a `reason` why history may be missing);
 * `still_working` (live, and `turn_id` is running); `sign_in`; `stopped`. `reason` is an error code for programs,
 * `message` the server's sentence.
 */
export type Banner = {
  readonly out: "banner";
  readonly status: Status;
  readonly attempt?: number;
  readonly at?: number;
  readonly replayed?: number;
  readonly turn_id?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
};
