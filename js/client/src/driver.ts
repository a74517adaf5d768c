/** Runs a client machine: opens and closes lines, carries frames, keeps its timer. Decides nothing itself. */

import type { Identity, Kept } from "./client.js";
import { ClientMachine } from "./client.js";
import type { ForApplication, Open, Output, StateSaved } from "./clientOutputs.js";
import type { Input, State } from "./clientStates.js";
import { TRANSITIONS } from "./clientStates.js";
import type { JsonObject } from "./json.js";
import type { Command } from "./outbox.js";
import type { Line, Ports } from "./ports.js";

/** Longer than this no platform's timer waits. One that fires early is set anew. */
const LONGEST_MS = 2 ** 31 - 1;

/** The hands of one machine. Inputs are taken one at a time: one that comes while another is obeyed waits for it. */
export class Driver {
  #machine = new ClientMachine();
  #line: Line | undefined;
  #timer: unknown;
  #inputs: (() => Output[])[] = [];
  #isBusy = false;

  /**
   * @param hear is given every output that is not for the driver, in order
   * @param rested is called when all outputs of an input are obeyed
   */
  constructor(
    readonly ports: Ports,
    readonly hear: (output: ForApplication | StateSaved) => void,
    readonly rested: () => void,
  ) {}

  get status(): State {
    return this.#machine.status;
  }

  /** Whether an input is legal now. */
  takes(input: Input): boolean {
    return TRANSITIONS[this.status][input] !== undefined;
  }

  start(identity: Identity, kept: Kept): void {
    this.#machine = new ClientMachine(identity);
    this.#do(() => this.#machine.start(this.#now(), kept));
  }

  stop(): void {
    this.#do(() => this.#machine.stop());
    this.ports.timers.clear(this.#timer);
  }

  /** Hand in a command that is kept. */
  submit(command: Command): void {
    this.#ifLegal("submit", () => this.#machine.submit(this.#now(), command));
  }

  ask(question: JsonObject): void {
    this.#ifLegal("ask", () => this.#machine.ask(question));
  }

  tell(frame: JsonObject): void {
    this.#ifLegal("tell", () => this.#machine.tell(frame));
  }

  token(token: string): void {
    this.#ifLegal("token", () => this.#machine.token(this.#now(), token));
  }

  tryNow(): void {
    this.#ifLegal("try_now", () => this.#machine.tryNow(this.#now()));
  }

  networkChanged(online: boolean): void {
    if (online) this.#ifLegal("online", () => this.#machine.online(this.#now(), this.ports.random()));
    else this.#ifLegal("offline", () => this.#machine.offline(this.#now()));
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  /** What an application says at a time when it means nothing is left out. */
  #ifLegal(name: Input, input: () => Output[]): void {
    this.#do(() => (this.takes(name) ? input() : []));
  }

  #do(input: () => Output[]): void {
    this.#inputs.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        for (const output of next()) this.#obey(output);
        this.rested();
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #obey(output: Output): void {
    switch (output.out) {
      case "open":
        this.#open(output);
        break;
      case "send":
        this.#line?.send(JSON.stringify(output.frame));
        break;
      case "close":
        this.#line?.close(output.code, output.reason);
        break;
      case "set_timer":
        this.#setTimer(output.at);
        break;
      default:
        this.hear(output);
    }
  }

  #open({ connection, query }: Open): void {
    const machine = this.#machine;
    this.#line = this.ports.transport.open(query, {
      opened: () => {
        this.#do(() => machine.opened(this.#now(), connection));
      },
      received: (text) => {
        this.#do(() => machine.received(this.#now(), text, this.ports.random(), connection));
      },
      closed: (code, retryAfterMs) => {
        const roll = this.ports.random();
        this.#do(() => machine.closed(this.#now(), code, roll, connection, retryAfterMs));
      },
    });
  }

  #setTimer(at: number): void {
    this.ports.timers.clear(this.#timer);
    const wait = Math.min(LONGEST_MS, Math.max(0, at - this.#now()));
    this.#timer = this.ports.timers.set(() => {
      this.#do(() => this.#machine.timer(this.#now(), this.ports.random()));
    }, wait);
  }

  #now(): number {
    return Math.floor(this.ports.now());
  }
}
