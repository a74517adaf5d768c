import { emptyBrowser } from "../support/page.js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { allOf, answer, browserDatabase, commandsOf, Database } from "../../src/browser/database.js";

beforeEach(() => {
  emptyBrowser();
});

afterEach(() => {
  vi.useRealTimers();
});

const person = (user: string, newKey = "k") => ({ user, newKey });
const newKeyOf = async (database: Database, user: string) =>
  await database.read(
    async ({ people }) => ((await answer(people.get(user))) as { newKey: string } | undefined)?.newKey,
  );

it("what is written together becomes true together, or not at all", async () => {
  const database = new Database();
  await database.write(async ({ people }) => await answer(people.put(person("ann"))));
  const failed = database.write(async ({ people }) => {
    await answer(people.put(person("ann", "other")));
    await answer(people.put(person("bea")));
    throw new Error("no");
  });
  await expect(failed).rejects.toThrow("no");
  expect(await newKeyOf(database, "ann")).toBe("k");
  expect(await newKeyOf(database, "bea")).toBeUndefined();
  const refused = database.writeThrough(async ({ people }) => {
    await answer(people.put(person("bea")));
    await answer(people.add(person("ann")));
  });
  await expect(refused).rejects.toMatchObject({ name: "ConstraintError" });
  expect(await newKeyOf(database, "bea")).toBeUndefined();
  database.close();
  expect(await newKeyOf(database, "ann")).toBe("k");
});

it("commands come in the order of adding, and everything of a person is one range", async () => {
  const database = new Database();
  const row = (user: string, key: string, id: string) => ({ user, key, owner: "o", id, command: { id } });
  await database.write(async ({ commands }) => {
    for (const id of ["c", "a", "b"]) await answer(commands.add(row("ann", "k", id)));
    for (const id of ["d", "e"]) await answer(commands.add(row("ann", "\u{10ffff}", id)));
    for (const user of ["anna", "an", "bea"]) await answer(commands.add(row(user, "k", user)));
  });
  const ids = await database.read(async (stores) => (await commandsOf(stores, "ann", "k")).map(({ id }) => id));
  expect(ids).toEqual(["c", "a", "b"]);
  expect(await database.read(({ commands }) => answer(commands.index("user").count(allOf("ann"))))).toBe(5);
});

it("says so where there is no database", async () => {
  const database = new Database(() => undefined);
  await expect(newKeyOf(database, "ann")).rejects.toThrow("has no database");
});

it("waits only so long for one that does not open, and lets it go when it opens after all", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const close = vi.fn();
  const request = { result: { close } } as unknown as IDBOpenDBRequest;
  const database = new Database(() => ({ open: () => request }) as unknown as IDBFactory);
  const failed = expect(newKeyOf(database, "ann")).rejects.toThrow("does not open");
  await vi.advanceTimersByTimeAsync(5_000);
  await failed;
  request.onsuccess?.call(request, new Event("success"));
  expect(close).toHaveBeenCalled();
});

it("waits only so long for a transaction that does not end", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const transaction = { objectStore: () => ({}), commit: vi.fn(), abort: vi.fn() };
  const opened = { transaction: () => transaction };
  const factory = {
    open: () => {
      const request = { result: opened } as unknown as IDBOpenDBRequest;
      queueMicrotask(() => {
        request.onsuccess?.call(request, new Event("success"));
      });
      return request;
    },
  } as unknown as IDBFactory;
  const failed = expect(new Database(() => factory).write(() => Promise.resolve())).rejects.toThrow("does not answer");
  await vi.advanceTimersByTimeAsync(15_000);
  await failed;
  expect(transaction.abort).toHaveBeenCalled();
});

it("gives way to a newer page, and says that this one is older from then on", async () => {
  const database = new Database();
  await database.write(async ({ people }) => await answer(people.put(person("ann"))));
  const newer = indexedDB.open("shipanion", 2);
  await new Promise<void>((resolve, reject) => {
    newer.onblocked = () => {
      reject(new Error("blocked"));
    };
    newer.onsuccess = () => {
      resolve();
    };
  });
  await expect(newKeyOf(database, "ann")).rejects.toMatchObject({ name: "VersionError" });
  newer.result.close();
});

it("opens again what the browser has closed", async () => {
  const database = new Database();
  await database.write(async ({ people }) => await answer(people.put(person("ann"))));
  const transaction = vi.spyOn(IDBDatabase.prototype, "transaction");
  transaction.mockImplementationOnce(() => {
    throw new DOMException("The database connection is closing.", "InvalidStateError");
  });
  expect(await newKeyOf(database, "ann")).toBe("k");
  expect(transaction).toHaveBeenCalledTimes(2);
  transaction.mockRestore();
});

it("a page has one", () => {
  expect(browserDatabase()).toBe(browserDatabase());
});
