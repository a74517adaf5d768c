/**
 * Plays golden dialogues: files that say, input by input, what a machine without I/O must put out. The form, and the
 * rules, are those of schema/scenarios/README.md; this player takes the client's part only.
 */

import { readdirSync, readFileSync } from "node:fs";
import { ClientMachine } from "../../src/client.js";
import type { Output } from "../../src/clientOutputs.js";
import { MachineError } from "../../src/errors.js";
import type { Json, JsonObject } from "../../src/json.js";
import { isObject } from "../../src/json.js";
import type { Command } from "../../src/outbox.js";

const SCENARIOS = new URL("../../../../schema/scenarios/", import.meta.url);
const DEFAULT_ROLL = 0.5;
const INPUTS = ["recv", "recv_text", "call", "timer"] as const;
const WORDS: readonly string[] = [
  ...INPUTS,
  ...["at_ms", "with", "roll", "connection", "send", "expect", "raises", "note"],
];

type Step = JsonObject;

export interface Dialogue {
  readonly name: string;
  readonly about?: string;
  readonly machine: string;
  readonly given: JsonObject;
  readonly steps: Step[];
}

/** The machine did something else than the file says, or the file tells something impossible. */
export class WrongDialogue extends Error {}

/** The names of all dialogues of the client. */
export function names(): string[] {
  return readdirSync(SCENARIOS)
    .filter((file) => file.startsWith("client-") && file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/** One dialogue, with its name checked against the file's. */
export function load(name: string): Dialogue {
  const dialogue = JSON.parse(readFileSync(new URL(`${name}.json`, SCENARIOS), "utf8")) as Dialogue;
  const strange = Object.keys(dialogue).filter((key) => !["name", "about", "machine", "given", "steps"].includes(key));
  if (dialogue.name !== name || dialogue.machine !== "client" || strange.length > 0) {
    throw new WrongDialogue(
      `${name}: not a dialogue of the client by that name, or with words unknown: ${strange.join()}`,
    );
  }
  return dialogue;
}

/**
 * Plays one dialogue and returns how many outputs were compared.
 *
 * @throws {WrongDialogue} an output is missing, wrong, unlisted or in the wrong place; time runs backwards or past a
 *   timer that was not fired; a step says nothing or something unknown
 */
export function play(dialogue: Dialogue): number {
  return new Play(dialogue).run();
}

class Play {
  readonly #machine: ClientMachine;
  #pending: Output[] = [];
  #now = 0;
  #wake: number | undefined;
  #compared = 0;

  constructor(readonly dialogue: Dialogue) {
    this.#machine = new ClientMachine(dialogue.given);
  }

  run(): number {
    this.dialogue.steps.forEach((step, at) => {
      try {
        this.#step(step);
      } catch (error) {
        if (!(error instanceof WrongDialogue)) throw error;
        const where = `${this.dialogue.name}, step ${at + 1}`;
        throw new WrongDialogue(`${where}: ${error.message}\n  step: ${JSON.stringify(step)}`);
      }
    });
    this.#nothingLeft();
    return this.#compared;
  }

  #step(step: Step): void {
    const strange = Object.keys(step).filter((word) => !WORDS.includes(word));
    if (strange.length > 0) throw new WrongDialogue(`unknown words ${strange.join()}`);
    const inputs = INPUTS.filter((word) => word in step);
    if (inputs.length > 1 || (inputs.length === 0 && !("send" in step) && !("expect" in step))) {
      throw new WrongDialogue("a step has one input at most, and an input or an expectation at least");
    }
    if (inputs[0] !== undefined) {
      this.#nothingLeft();
      this.#passTime(step.at_ms as number, inputs[0] === "timer");
      this.#input(inputs[0], step);
    }
    const sent = step.send ?? [];
    for (const frame of Array.isArray(sent) ? sent : [sent]) this.#next({ out: "send", frame });
    for (const output of (step.expect ?? []) as Json[]) this.#next(output);
  }

  #passTime(at: number, fires: boolean): void {
    const wake = this.#wake;
    if (!(at >= this.#now)) throw new WrongDialogue(`time runs backwards, from ${this.#now} to ${at}`);
    if (fires && (wake === undefined || at < wake)) {
      throw new WrongDialogue(`no timer was asked for by then; it stands at ${wake ?? "none"}`);
    }
    if (!fires && wake !== undefined && at > wake) {
      throw new WrongDialogue(`the timer at ${wake} should have fired before`);
    }
    this.#now = at;
  }

  #input(word: (typeof INPUTS)[number], step: Step): void {
    let outputs: Output[];
    try {
      if (word === "timer") this.#wake = undefined;
      outputs = this.#say(word, step);
    } catch (error) {
      if (!(error instanceof MachineError)) throw error;
      if (step.raises !== error.name) throw new WrongDialogue(`raised: ${error.message}`);
      return;
    }
    if (step.raises !== undefined) throw new WrongDialogue("nothing was raised");
    for (const output of outputs) if (output.out === "set_timer") this.#wake = output.at;
    this.#pending.push(...outputs);
  }

  #say(word: (typeof INPUTS)[number], step: Step): Output[] {
    const roll = (step.roll ?? DEFAULT_ROLL) as number;
    const connection = step.connection as number | undefined;
    switch (word) {
      case "timer":
        return this.#machine.timer(this.#now, roll);
      case "recv":
        return this.#machine.received(this.#now, JSON.stringify(step.recv), roll, connection);
      case "recv_text":
        return this.#machine.received(this.#now, step.recv_text as string, roll, connection);
      case "call":
        return this.#call(step.call as string, (step.with ?? {}) as JsonObject, roll, connection);
    }
  }

  #call(name: string, given: JsonObject, roll: number, connection: number | undefined): Output[] {
    const machine = this.#machine;
    const now = this.#now;
    switch (name) {
      case "start":
        return machine.start(now, kept(this.dialogue.given));
      case "opened":
        return machine.opened(now, connection);
      case "closed":
        return machine.closed(now, given.code as number, roll, connection, given.retry_after_ms as number | undefined);
      case "submit":
        return machine.submit(now, given.command as Command);
      case "ask":
        return machine.ask(given.question as JsonObject);
      case "tell":
        return machine.tell(given.frame as JsonObject);
      case "token":
        return machine.token(now, given.token as string);
      case "try_now":
        return machine.tryNow(now);
      case "online":
        return machine.online(now, roll);
      case "offline":
        return machine.offline(now);
      case "stop":
        return machine.stop();
      default:
        throw new WrongDialogue(`a client has no input ${name}`);
    }
  }

  #next(expected: Json): void {
    const came = this.#pending.shift();
    if (came === undefined) throw new WrongDialogue(`nothing came, expected\n    ${JSON.stringify(expected)}`);
    if (canonical(came) !== canonical(expected)) {
      throw new WrongDialogue(`came\n    ${JSON.stringify(came)}\n  expected\n    ${JSON.stringify(expected)}`);
    }
    this.#compared += 1;
  }

  #nothingLeft(): void {
    if (this.#pending.length === 0) return;
    const lines = this.#pending.map((output) => `    ${JSON.stringify(output)}`);
    throw new WrongDialogue(`came, but is not listed:\n${lines.join("\n")}`);
  }
}

/** What `start` hands over of what a dialogue gives. */
function kept(given: JsonObject): Parameters<ClientMachine["start"]>[1] {
  const handed = ["position", "state", "outbox", "token"].filter((name) => name in given);
  return Object.fromEntries(handed.map((name) => [name, given[name]]));
}

/** A value as text, keys in order. What JSON does not know, such as a member that is undefined, is an error. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (isObject(value)) {
    const members = Object.keys(value).sort();
    return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
  }
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new WrongDialogue(`${String(value)} is not JSON`);
  return text;
}
