import { emptyBrowser } from "../support/page.js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BrowserStorage } from "../../src/browser/browserStorage.js";
import { Database } from "../../src/browser/database.js";
import type { IndexedOptions } from "../../src/browser/indexedStorage.js";
import { forget } from "../../src/browser/leftBehind.js";
import { Session } from "../../src/session.js";
import { LockManager } from "../support/lockManager.js";
import { event, Surroundings } from "../support/surroundings.js";
import { said } from "../support/tabs.js";

beforeEach(() => {
  emptyBrowser();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const locks = new LockManager();
let owners = 0;

function storage(changes: Partial<IndexedOptions> = {}) {
  const warnings: string[] = [];
  const kept = new BrowserStorage(() => ({
    database: new Database(),
    locks: locks.tab(),
    user: "ann",
    newKey: "k",
    device: "d",
    owner: `owner-${(owners += 1)}`,
    warn: (what, error) => warnings.push(`${what}: ${String(error)}`),
    ...changes,
  }));
  return { kept, warnings };
}

const fresh = { newKey: "fresh", device: "unused" };

it("keeps in the browser's database, and frees what it kept when it is closed", async () => {
  const { kept } = storage();
  await kept.load(fresh, () => undefined);
  await kept.add(said("1"));
  expect(kept.keepsNothing).toBe(false);
  await kept.save({ sessionId: "s", position: { epoch: "e", offset: 1 }, state: {} });
  kept.close();
  const { kept: next, warnings } = storage();
  const stored = await next.load(fresh, () => undefined);
  expect(stored).toMatchObject({ newKey: "k", device: "d", sessionId: "s", outbox: [said("1")] });
  await next.remove("1");
  await next.look();
  next.close();
  expect((await storage().kept.load(fresh, () => undefined)).outbox).toEqual([]);
  expect(warnings).toEqual([]);
});

it("works in memory where there is no database, and says so", async () => {
  const { kept, warnings } = storage({ database: new Database(() => undefined), sessionId: "s" });
  expect(await kept.load(fresh, () => undefined)).toEqual({ newKey: "k", device: "d", sessionId: "s", outbox: [] });
  await kept.add(said("1"));
  expect(warnings[0]).toMatch(/keeps nothing.*has no database/);
  expect(kept.keepsNothing).toBe(true);
  await kept.look();
  kept.close();
});

it("touches nothing of the browser before it is used", () => {
  const options = vi.fn();
  new BrowserStorage(options).close();
  expect(options).not.toHaveBeenCalled();
});

it("is free at once when it is closed while it loads", async () => {
  const { kept } = storage();
  const loading = kept.load(fresh, () => undefined);
  kept.close();
  await loading;
  await kept.add(said("late"));
  expect((await storage().kept.load(fresh, () => undefined)).outbox).toEqual([said("late")]);
});

/** A session that is live, on a storage of its own. */
async function live() {
  const around = new Surroundings();
  const { kept, warnings } = storage();
  const { transport, timers, now, random, newId } = around;
  const session = new Session({ transport, timers, now, random, newId, storage: kept });
  void session.connect();
  await expect.poll(() => around.lines.length).toBe(1);
  around.line.welcomes();
  return { session, around, warnings, sent: () => around.line.sent.map(({ text }) => text) };
}

it("what the full disk does not take is sent all the same, and said to be kept nowhere", async () => {
  const { session, around, warnings, sent } = await live();
  const add = vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(() => {
    throw new DOMException("The disk is full.", "QuotaExceededError");
  });
  void session.say("hello", "m-1");
  void session.say("again", "m-2").catch(() => undefined);
  await expect.poll(sent).toEqual(["hello", "again"]);
  expect(warnings).toEqual([expect.stringMatching(/keeps nothing.*The disk is full/)]);
  expect(add).toHaveBeenCalledTimes(1);
  expect(session.snapshot().pending).toMatchObject([{ isBeingKept: true }, { isBeingKept: true }]);
  around.line.says(event(8, "user_message", { id: "m-1", text: "hello" }));
  expect(session.snapshot().pending).toMatchObject([{ id: "m-2" }]);
  await session.close();
});

it("what is said after somebody deleted the database is sent, and what was kept is gone without harm", async () => {
  const { session, around, warnings, sent } = await live();
  void session.say("hello", "m-1");
  await expect.poll(sent).toEqual(["hello"]);
  await new Promise((resolve) => {
    indexedDB.deleteDatabase("shipanion").onsuccess = resolve;
  });
  void session.say("again", "m-2");
  await expect.poll(sent).toEqual(["hello", "again"]);
  expect(warnings).toEqual([expect.stringMatching(/keeps nothing.*was deleted/)]);
  for (const [at, id] of ["m-1", "m-2"].entries()) around.line.says(event(8 + at, "user_message", { id, text: "x" }));
  expect(session.snapshot().pending).toEqual([]);
  await session.close();
  expect(warnings.length).toBe(1);
});

it("a page whose person was forgotten keeps nothing any more", async () => {
  const { kept } = storage();
  await kept.load(fresh, () => undefined);
  await forget("ann", new Database());
  await kept.save({ sessionId: "s", position: { epoch: "e", offset: 1 }, state: { secret: 1 } });
  await expect(kept.add(said("1"))).rejects.toThrow("was erased");
  kept.close();
  expect(await storage().kept.load(fresh, () => undefined)).toEqual({ newKey: "k", device: "d", outbox: [] });
});
