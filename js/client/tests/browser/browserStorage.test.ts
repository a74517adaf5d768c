import { emptyBrowser } from "../support/page.js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BrowserStorage } from "../../src/browser/browserStorage.js";
import { Database } from "../../src/browser/database.js";
import type { IndexedOptions } from "../../src/browser/indexedStorage.js";
import { forget } from "../../src/browser/leftBehind.js";
import { Session } from "../../src/session.js";
import { LockManager } from "../support/lockManager.js";
import { Surroundings } from "../support/surroundings.js";
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

it("a command that the full disk does not take is not sent, and the session says so", async () => {
  const surroundings = new Surroundings();
  const { kept } = storage();
  const { transport, timers, now, random, newId } = surroundings;
  const session = new Session({ transport, timers, now, random, newId, storage: kept });
  void session.connect();
  await expect.poll(() => surroundings.lines.length).toBe(1);
  surroundings.line.welcomes();
  const add = vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(() => {
    throw new DOMException("The disk is full.", "QuotaExceededError");
  });
  await expect(session.say("hello")).rejects.toMatchObject({ name: "StorageFailed" });
  expect(session.snapshot().pending).toEqual([]);
  add.mockRestore();
  const sent = session.say("again");
  await expect.poll(() => surroundings.line.sent.map(({ text }) => text)).toEqual(["again"]);
  await session.close();
  await expect(sent).rejects.toMatchObject({ name: "SessionEnded" });
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
