/**
 * What this package throws. `message` is a sentence for a person.
 *
 *     ShipanionError
 *     ├── MachineError         a machine was driven in a way it does not have (a bug); nothing was changed
 *     ├── CommandRefused       the server decided against this one command or question; it is not sent again
 *     ├── ToolFailed           the tool ran, and its result is an error
 *     ├── SignInNeeded         the credential is no good; what was said is kept until there is a better one
 *     ├── ConnectionRefused    the server turned this client away; what it had taken in is kept
 *     ├── SessionEnded         the session was closed by this program; what it had taken in is kept
 *     └── StorageFailed        the command could not be kept, so it was not sent
 */

import type { Json } from "./json.js";
import { isObject } from "./json.js";

/** Base of everything thrown on purpose. */
export class ShipanionError extends Error {
  override readonly name: string = "ShipanionError";
}

export class MachineError extends ShipanionError {
  override readonly name = "MachineError";
}

/** `code` is a name from the protocol's table of errors, for programs. */
export class CommandRefused extends ShipanionError {
  override readonly name = "CommandRefused";

  constructor(
    readonly id: string,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** `result` is what the tool answered; its `error` is the sentence for a person. */
export class ToolFailed extends ShipanionError {
  override readonly name = "ToolFailed";

  constructor(
    readonly id: string,
    readonly result: Json,
  ) {
    super(isObject(result) && typeof result.error === "string" ? result.error : "The tool failed.");
  }
}

/** `code` is `sign_in` or `expired`. */
export class SignInNeeded extends ShipanionError {
  override readonly name = "SignInNeeded";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** `code` is the close code, `reason` its name or the server's last error code. */
export class ConnectionRefused extends ShipanionError {
  override readonly name = "ConnectionRefused";

  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export class SessionEnded extends ShipanionError {
  override readonly name = "SessionEnded";
}

export class StorageFailed extends ShipanionError {
  override readonly name = "StorageFailed";
}
