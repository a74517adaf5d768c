/** The ports of a session, played by hand: a line that a test is the server of, a clock that it turns. */

import type { Query } from "../../src/clientOutputs.js";
import type { JsonObject } from "../../src/json.js";
import { MemoryStorage } from "../../src/memoryStorage.js";
import type { Line, LineEvents, Ports, Timers, Transport } from "../../src/ports.js";

/** One line, seen from the server's end. */
export class ScriptedLine implements Line {
  /** What the client sent, in order. */
  readonly sent: JsonObject[] = [];
  /** How the client hung up. */
  hungUp: { code: number; reason: string } | undefined;

  constructor(
    readonly query: Query,
    readonly heard: LineEvents,
  ) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text) as JsonObject);
  }

  close(code: number, reason: string): void {
    this.hungUp = { code, reason };
  }

  /** The server says something. */
  says(frame: JsonObject): void {
    this.heard.received(JSON.stringify(frame));
  }

  /** The line opens and the server greets, with a snapshot unless told otherwise. */
  welcomes(changes: JsonObject = {}): void {
    this.heard.opened();
    this.says({ ...WELCOME, ...changes });
  }
}

export const WELCOME: JsonObject = {
  type: "welcome",
  session_id: "s-1",
  outcome: "snapshot",
  position: { epoch: "e1", offset: 7 },
  replayed: 0,
  state: { title: "Shoes" },
  devices: [],
  heartbeat_ms: 25_000,
  limits: { frame: 65_536 },
  reconnect: { min_ms: 500, max_ms: 20_000 },
};

/** A welcome for a client that comes back with a position. */
export function recovered(offset: number, replayed = 0): JsonObject {
  return { outcome: "recovered", position: { epoch: "e1", offset }, replayed, state: null };
}

/** An event as the server sends it. */
export function event(offset: number, type: string, fields: JsonObject = {}): JsonObject {
  return { session_id: "s-1", offset, at: 1_000 + offset, by: { role: "owner", name: "Ann" }, type, ...fields };
}

/** Everything a session needs; several sessions that use the same storage are lives of one page. */
export class Surroundings implements Ports {
  readonly lines: ScriptedLine[] = [];
  readonly warnings: string[] = [];
  readonly transport: Transport = {
    open: (query, heard) => {
      const line = new ScriptedLine(query, heard);
      this.lines.push(line);
      return line;
    },
  };
  readonly timers: Timers = {
    set: (callback, ms) => (this.#alarm = { callback, at: this.#now + ms }),
    clear: (alarm) => {
      if (alarm === this.#alarm) this.#alarm = undefined;
    },
  };
  #now = 0;
  #alarm: { callback: () => void; at: number } | undefined;
  #ids = 0;

  constructor(readonly storage = new MemoryStorage()) {}

  now = (): number => this.#now;
  random = (): number => 0.5;
  newId = (): string => `id-${(this.#ids += 1)}`;
  warn = (what: string): void => void this.warnings.push(what);

  /** The present line. */
  get line(): ScriptedLine {
    const line = this.lines.at(-1);
    if (line === undefined) throw new Error("No line was opened.");
    return line;
  }

  /** Whether a timer is set. */
  get isArmed(): boolean {
    return this.#alarm !== undefined;
  }

  /** The clock is turned to the time of the timer, and it fires. */
  passTime(): void {
    const alarm = this.#alarm;
    if (alarm === undefined) throw new Error("No timer is set.");
    this.#now = alarm.at;
    this.#alarm = undefined;
    alarm.callback();
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export async function settle(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}
