import { afterEach, describe, expect, it } from "vitest";
import type { Locks } from "../../src/browser/locks.js";
import { browserLocks, hold, PageLocks } from "../../src/browser/locks.js";
import { LockManager } from "../support/lockManager.js";
import { settle } from "../support/surroundings.js";

/** What stands in where a browser has no locks is held to the same rules as what the other tests use for a browser's. */
const kinds: [string, () => Locks][] = [
  ["of this page", () => new PageLocks()],
  ["of the tests", () => new LockManager().tab()],
];

describe.each(kinds)("locks %s", (_, make) => {
  it("one at a time, in the order of asking", async () => {
    const locks = make();
    const order: string[] = [];
    const letGo = await hold(locks, "a");
    const waiting = ["1", "2"].map((name) =>
      locks.request("a", {}, async () => {
        order.push(`${name} begins`);
        await settle();
        order.push(`${name} ends`);
        return name;
      }),
    );
    expect(await locks.request("a", { ifAvailable: true }, (lock) => lock === null)).toBe(true);
    expect(await locks.request("b", { ifAvailable: true }, (lock) => lock === null)).toBe(false);
    await settle();
    expect(order).toEqual([]);
    letGo();
    expect(await Promise.all(waiting)).toEqual(["1", "2"]);
    expect(order).toEqual(["1 begins", "1 ends", "2 begins", "2 ends"]);
    expect(await locks.request("a", { ifAvailable: true }, (lock) => lock === null)).toBe(false);
  });

  it("somebody who no longer waits is passed over", async () => {
    const locks = make();
    const letGo = await hold(locks, "a");
    const end = new AbortController();
    const given = locks.request("a", { signal: end.signal }, () => "had it");
    const next = locks.request("a", {}, () => "next");
    end.abort();
    await expect(given).rejects.toMatchObject({ name: "AbortError" });
    letGo();
    expect(await next).toBe("next");
  });

  it("what goes wrong under a lock lets it go", async () => {
    const locks = make();
    await expect(locks.request("a", {}, () => Promise.reject(new Error("oh")))).rejects.toThrow("oh");
    expect(await locks.request("a", {}, () => "free")).toBe("free");
  });
});

describe("the browser's", () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  const browser = (navigator: unknown) => {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  };
  afterEach(() => {
    if (before === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", before);
  });

  it("are used where there are some", () => {
    const locks = {};
    browser({ locks });
    expect(browserLocks()).toBe(locks);
  });

  it.each([[undefined], [{}]])("are the page's own in %j", (navigator) => {
    browser(navigator);
    expect(browserLocks()).toBeInstanceOf(PageLocks);
    expect(browserLocks()).toBe(browserLocks());
  });
});
