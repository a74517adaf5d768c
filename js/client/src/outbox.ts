/**
 * A client's commands that are not decided yet, in the order in which they were given.
 *
 * Decided means: acknowledged, seen as an event, or refused for good. Until then a command stays here and is sent again
 * on every new connection. The ids make the repeats harmless (I5).
 */

import { MachineError } from "./errors.js";
import type { JsonObject } from "./json.js";
import { isObject, same } from "./json.js";

/** One of the wire's commands: `user_message`, `update_state`, `client_tool_call`, `stop`, `resolve_approval`. */
export type Command = JsonObject;

/**
 * The id a command is known by: its `id`, or the `tool_call_id` of a tool call.
 *
 * @throws {MachineError} it has neither, so a repeat could not be told from a second wish
 */
export function commandId(command: Command): string {
  const call = command.client_tool_call;
  const id = isObject(call) ? call.tool_call_id : command.id;
  if (typeof id !== "string" || id === "") {
    throw new MachineError(`A command needs an id of its own; ${JSON.stringify(command.type)} has none.`);
  }
  return id;
}

/** The undecided commands. What was sent on the present connection is always the front of the line. */
export class Outbox {
  readonly #commands = new Map<string, Command>();
  readonly #sent = new Set<string>();

  get size(): number {
    return this.#commands.size;
  }

  has(id: string): boolean {
    return this.#commands.has(id);
  }

  /** All undecided commands, oldest first. */
  commands(): Command[] {
    return [...this.#commands.values()];
  }

  /**
   * True when this very command is already here.
   *
   * @throws {MachineError} the id is taken by a different one
   */
  holds(command: Command): boolean {
    const id = commandId(command);
    const held = this.#commands.get(id);
    if (held !== undefined && !same(held, command)) {
      throw new MachineError(
        `The id ${JSON.stringify(id)} is already used by another command that is not decided yet.`,
      );
    }
    return held !== undefined;
  }

  /** Append one command that is not here yet. */
  add(command: Command): void {
    this.#commands.set(commandId(command), command);
  }

  /** Take a command out; false when it was not here (a second ack, somebody else's event). */
  decided(id: string): boolean {
    this.#sent.delete(id);
    return this.#commands.delete(id);
  }

  /** The oldest command that went out on this connection and is not decided. */
  oldestSent(): string | undefined {
    return [...this.#commands.keys()].find((id) => this.#sent.has(id));
  }

  /** Send `id` and everything after it once more; without `id`, everything (a new connection). */
  rewind(id?: string): void {
    const order = [...this.#commands.keys()];
    for (const later of id === undefined ? order : order.slice(order.indexOf(id))) this.#sent.delete(later);
  }

  /** The commands to send now, oldest first; they count as sent from here on. */
  takeUnsent(): Command[] {
    const unsent = [...this.#commands].filter(([id]) => !this.#sent.has(id));
    for (const [id] of unsent) this.#sent.add(id);
    return unsent.map(([, command]) => command);
  }
}

/**
 * An outbox with the commands that an earlier life of this client left behind.
 *
 * @throws {MachineError} one has no id, or two different ones have the same
 */
export function outboxOf(commands: Iterable<Command>): Outbox {
  const outbox = new Outbox();
  for (const command of commands) if (!outbox.holds(command)) outbox.add(command);
  return outbox;
}
