import type { ForApplication, Pending } from "@shipanion/client";
import { CommandRefused, SignInNeeded, StorageFailed } from "@shipanion/client";
import { expect, it } from "vitest";
import type { Said } from "../../src/conversation/failures.js";
import { Failures, newId } from "../../src/conversation/failures.js";
import { GivenCommands } from "../../src/session/givenCommands.js";

/** A session that does with what is said what it is told to. */
class Line implements Said {
  pending: Pending[] = [];
  ending: Promise<unknown> = new Promise(() => undefined);
  readonly listeners = new Set<(output: ForApplication) => void>();
  say(text: string, id: string): Promise<unknown> {
    this.pending = [...this.pending, { id, command: { type: "user_message", id, text } }];
    return this.ending;
  }
  snapshot() {
    return { pending: this.pending };
  }
  subscribe(): () => void {
    return () => undefined;
  }
  listen(listener: (output: ForApplication) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  tell(output: ForApplication): void {
    this.pending = [];
    for (const listener of this.listeners) listener(output);
  }
}

const REFUSED: ForApplication = { out: "failed", id: "m1", code: "too_large", message: "That is too long." };
const settled = () => new Promise((resolve) => setTimeout(resolve));

it("what the server refuses for good is kept with the reason", () => {
  const [line, ids] = [new Line(), ["m1", "m2"]];
  const failures = new Failures(line, new GivenCommands({ user: "ana" }, {}));
  failures.attend();
  for (const id of ids) failures.say(`text of ${id}`, id);
  line.tell(REFUSED);
  expect(failures.failed()).toEqual([{ id: "m1", text: "text of m1", reason: "That is too long." }]);
  expect(failures.take("m1")).toBe("text of m1");
  expect(failures.failed()).toEqual([]);
});

it("so is what an earlier life of the page said", () => {
  const line = new Line();
  void line.say("from before", "m1");
  const failures = new Failures(line, new GivenCommands({ user: "ana" }, {}));
  failures.attend();
  line.tell(REFUSED);
  expect(failures.failed()).toMatchObject([{ text: "from before" }]);
});

it.each([
  [new StorageFailed("The disk is full."), 1],
  [new SignInNeeded("expired", "Sign in."), 0],
  [new CommandRefused("m1", "too_large", "Too long."), 0],
])("%s", async (error, failed) => {
  const line = new Line();
  line.ending = Promise.reject(error);
  const failures = new Failures(line, new GivenCommands({ user: "ana" }, {}));
  failures.attend();
  failures.say("hello", "m1");
  line.pending = [];
  await settled();
  expect(failures.failed()).toHaveLength(failed);
});

it("what is still on its way has not failed, whatever its promise says", async () => {
  const line = new Line();
  line.ending = Promise.reject(new Error("closed"));
  const failures = new Failures(line, new GivenCommands({ user: "ana" }, {}));
  failures.say("hello", "m1");
  await settled();
  expect(failures.failed()).toEqual([]);
});

it("commands that say nothing are not messages", () => {
  const line = new Line();
  line.pending = [{ id: "m1", command: { type: "stop", id: "m1", turn_id: "t" } }];
  const failures = new Failures(line, new GivenCommands({ user: "ana" }, {}));
  failures.attend();
  line.tell(REFUSED);
  expect(failures.failed()).toEqual([]);
});

it("ids are random", () => {
  expect(new Set(Array.from({ length: 100 }, newId)).size).toBe(100);
});
