import type { Command, SessionSnapshot } from "@shipanion/client";
import { commandId, MachineError, StorageFailed } from "@shipanion/client";
import { beforeEach, expect, it } from "vitest";
import type { PlaceStorage } from "../../src/session/devicePlace.js";
import { forgetPlaces } from "../../src/session/devicePlace.js";
import type { Giving } from "../../src/session/givenCommands.js";
import { GivenCommands } from "../../src/session/givenCommands.js";

class Book implements PlaceStorage {
  readonly entries = new Map<string, string>();
  isFull = false;
  get length(): number {
    return this.entries.size;
  }
  key(at: number): string | null {
    return [...this.entries.keys()][at] ?? null;
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.isFull) throw new Error("full");
    this.entries.set(key, value);
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
}

/** A session whose memory is as slow as it is told to be. */
class Slow implements Giving {
  readonly given: Command[] = [];
  problem: Error | undefined;
  #pending: SessionSnapshot["pending"] = [];
  readonly #subscribers = new Set<() => void>();

  send(command: Command): Promise<never> {
    if (this.problem !== undefined) return Promise.reject(this.problem);
    this.given.push(command);
    this.shows([...this.#pending, { id: commandId(command), command, isBeingKept: true }]);
    return new Promise(() => undefined);
  }
  snapshot(): SessionSnapshot {
    return {
      status: "live",
      banner: { out: "banner", status: "live" },
      pending: this.#pending,
      turns: [],
      devices: [],
    };
  }
  subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  };
  shows(pending: SessionSnapshot["pending"]): void {
    this.#pending = pending;
    for (const subscriber of this.#subscribers) subscriber();
  }
  keeps(): void {
    this.shows(this.#pending.map(({ id, command }) => ({ id, command })));
  }
}

const said = (id: string, words = "hello"): Command => ({ type: "user_message", id, text: words, approval_id: null });
const edit: Command = { type: "update_state", id: "u1", patch: { shipping_details: { from: "90210" } } };
const settled = () => new Promise((resolve) => setTimeout(resolve));

let book: Book;
beforeEach(() => {
  book = new Book();
});
const open = (sessionId?: string, newKey?: string, tab?: Book) =>
  new GivenCommands({ user: "ana", sessionId, newKey }, { browser: book, tab });
/** What a page that opens the conversation gives its session. */
const next = (sessionId?: string, newKey?: string): Command[] => {
  const session = new Slow();
  open(sessionId, newKey).attend(session);
  return session.given;
};

it("what a page was not sure of is given again by the next one, in order, and by no third once it is kept", () => {
  const session = new Slow();
  open("s1").attend(session);
  for (const command of [said("m1"), edit, said("m2")]) void session.send(command);
  expect(next("s1")).toEqual([said("m1"), edit, said("m2")]);
  expect(next("s2")).toEqual([]);
  session.keeps();
  expect(next("s1")).toEqual([]);
  expect(book.length).toBe(0);
});

it("what nothing can write down stays here until the server has it", () => {
  const session = new Slow();
  open("s1").attend(session);
  void session.send(said("m1"));
  session.shows(session.snapshot().pending.map((item) => ({ ...item, acked: 9 })));
  expect(book.length).toBe(0);
});

it("what the memory has after all is not given again", () => {
  const before = new Slow();
  open("s1").attend(before);
  void before.send(said("m1"));
  const session = new Slow();
  session.shows([{ id: "m1", command: said("m1") }]);
  open("s1").attend(session);
  expect([session.given, book.length]).toEqual([[], 0]);
});

it("a click is no words: it is not repeated in another life", () => {
  const session = new Slow();
  open("s1").attend(session);
  void session.send({ type: "resolve_approval", id: "r1", approval_id: "a1", decision: "approved" });
  expect(book.length).toBe(0);
});

it("what was said in a new conversation is found by its key, and by its id as soon as that is known", () => {
  const session = new Slow();
  const given = open(undefined, "k1");
  given.attend(session);
  void session.send(said("m1"));
  expect(next(undefined, "k1")).toEqual([said("m1")]);
  given.known("s1");
  expect(next("s1")).toEqual([said("m1")]);
  expect(next(undefined, "k1")).toEqual([]);
  const again = new Slow();
  const other = open(undefined, "k1");
  other.attend(again);
  other.known("s1");
  expect(again.given).toEqual([said("m1")]);
});

it("a session that has not begun is given it when it has", async () => {
  const before = new Slow();
  open("s1").attend(before);
  void before.send(said("m1"));
  const session = new Slow();
  session.problem = new MachineError("Connect the session first.");
  open("s1").attend(session);
  await settled();
  session.problem = undefined;
  session.shows([]);
  expect(session.given).toEqual([said("m1")]);
});

it("what cannot be kept the second time either has failed, and says so in every later life", async () => {
  const before = new Slow();
  open("s1").attend(before);
  void before.send(said("m1"));
  const session = new Slow();
  session.problem = new StorageFailed("The disk is full.");
  const given = open("s1");
  given.attend(session);
  await settled();
  const failed = [{ id: "m1", command: said("m1"), reason: "The disk is full." }];
  expect([given.failed(), open("s1").failed()]).toEqual([failed, failed]);
  expect(next("s1")).toEqual([]);
  given.drop("m1");
  expect([given.failed(), open("s1").failed(), book.length]).toEqual([[], [], 0]);
});

it("no more than twenty failed ones are kept", () => {
  const given = open("s1");
  for (let at = 0; at < 25; at += 1) given.fail(said(`m${at}`), "No.");
  expect([given.failed().length, given.failed()[0]?.id, open("s1").failed().length]).toEqual([20, "m5", 20]);
});

it("a browser that is full leaves it to the tab, and one without any memory to this page", () => {
  const tab = new Book();
  book.isFull = true;
  open("s1", undefined, tab).fail(said("m1"), "No.");
  expect(open("s1", undefined, tab).failed()).toMatchObject([{ id: "m1" }]);
  const given = new GivenCommands({ user: "ana", sessionId: "s1" }, {});
  given.fail(said("m1"), "No.");
  expect(given.failed()).toMatchObject([{ id: "m1" }]);
});

it("is forgotten with the person, and what makes no sense is left out", () => {
  open("s1").fail(said("m1"), "No.");
  const [key = ""] = book.entries.keys();
  for (const text of [
    "nonsense",
    "null",
    "{}",
    '{"at": 1, "command": {"type": "user_message"}}',
    '{"at": 1, "command": null}',
  ]) {
    book.setItem(key, text);
    expect(open("s1").failed()).toEqual([]);
    expect(next("s1")).toEqual([]);
  }
  forgetPlaces("ana", book);
  expect(book.length).toBe(0);
});
