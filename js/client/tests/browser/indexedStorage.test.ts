import "../support/page.js";
import { beforeEach, describe, expect, it } from "vitest";
import { leftBehind } from "../../src/browser/leftBehind.js";
import type { Position } from "../../src/position.js";
import { Browser, said } from "../support/tabs.js";
import { emptyBrowser } from "../support/page.js";

let browser: Browser;

beforeEach(() => {
  emptyBrowser();
  browser = new Browser();
});

const place = (offset: number, epoch = "e", sessionId = "s") => ({
  sessionId,
  position: { epoch, offset } satisfies Position,
  state: { at: offset },
});

describe("one tab", () => {
  it("finds what it kept: commands in order, position with its state", async () => {
    const first = browser.open({ newKey: "k" });
    expect(await first.loaded).toEqual({ newKey: "k", device: "d", outbox: [] });
    for (const id of ["c", "a", "b"]) await first.add(id);
    await first.storage.remove("a");
    await first.storage.save(place(3));
    first.die();
    expect(await browser.open({ newKey: "k" }).loaded).toEqual({
      newKey: "k",
      device: "d",
      sessionId: "s",
      place: place(3),
      outbox: [said("c"), said("b")],
    });
  });

  it("never goes back within an epoch", async () => {
    const tab = browser.open({ sessionId: "s" });
    await tab.loaded;
    const kept = async () => (await browser.open({ sessionId: "s" }).loaded).place;
    await tab.storage.save(place(5));
    await tab.storage.save(place(4));
    expect(await kept()).toEqual(place(5));
    await tab.storage.save(place(2, "f"));
    expect(await kept()).toEqual(place(2, "f"));
  });

  it("goes on under the same row when its session is known, by key and by id", async () => {
    const begun = browser.open({ newKey: "k" });
    await begun.loaded;
    await begun.add("offline");
    begun.die();
    const again = browser.open({ newKey: "k" });
    expect((await again.loaded).outbox).toEqual([said("offline")]);
    await again.storage.save(place(0));
    again.die();
    const byId = browser.open({ sessionId: "s" });
    expect(await byId.loaded).toMatchObject({ newKey: "k", sessionId: "s", outbox: [said("offline")] });
    byId.die();
    expect(await browser.open({ newKey: "k" }).loaded).toMatchObject({ sessionId: "s", outbox: [said("offline")] });
  });

  it("finds both rows of a session that was opened by its id before that was known where it was begun", async () => {
    const begun = browser.open({ newKey: "k" });
    await begun.loaded;
    await begun.add("one");
    const byId = browser.open({ sessionId: "s" });
    await byId.loaded;
    await byId.add("two");
    await begun.storage.save(place(1));
    begun.die();
    byId.die();
    expect(await leftBehind("ann", undefined, browser.locks.tab())).toEqual([{ sessionId: "s", count: 2 }]);
    expect((await browser.open({ sessionId: "s" }).loaded).outbox.length).toBe(2);
  });

  it("keeps people and conversations apart", async () => {
    const tab = browser.open({ newKey: "k" });
    await tab.loaded;
    await tab.add("mine");
    tab.die();
    expect((await browser.open({ newKey: "k", user: "bea" }).loaded).outbox).toEqual([]);
    expect((await browser.open({ newKey: "other" }).loaded).outbox).toEqual([]);
    expect(await leftBehind("bea", undefined, browser.locks.tab())).toEqual([]);
  });
});

describe("two tabs of one conversation", () => {
  it("write side by side and do not send each other's commands", async () => {
    const [one, other] = [browser.open({ newKey: "k" }), browser.open({ newKey: "k" })];
    await Promise.all([one.loaded, other.loaded]);
    await Promise.all([one.add("1"), other.add("2"), one.add("3"), other.add("4")]);
    const third = browser.open({ newKey: "k" });
    expect((await third.loaded).outbox).toEqual([]);
    expect([one.sends, other.sends]).toEqual([
      ["1", "3"],
      ["2", "4"],
    ]);
    expect(await leftBehind("ann", undefined, browser.locks.tab())).toEqual([]);
  });

  it("one that dies leaves its commands to exactly one of the others, in their order", async () => {
    const dying = browser.open({ newKey: "k" });
    await dying.loaded;
    const others = [1, 2, 3].map(() => browser.open({ newKey: "k" }));
    await Promise.all(others.map((tab) => tab.loaded));
    // Added after the others had looked, so they know the tab only by what it said.
    for (const id of ["1", "2", "3"]) await dying.add(id);
    dying.die();
    await expect.poll(() => others.map(({ sends }) => sends.join()).sort()).toEqual(["", "", "1,2,3"]);
    const adopter = others.find(({ sends }) => sends.length > 0);
    adopter?.die();
    await expect.poll(() => others.filter((tab) => tab.sends.join() === "1,2,3").length).toBe(2);
    for (const tab of others) expect(tab.warnings).toEqual([]);
  });

  it("one that is closed leaves its commands to a later one", async () => {
    const [one, other] = [browser.open({ newKey: "k" }), browser.open({ newKey: "k" })];
    await Promise.all([one.loaded, other.loaded]);
    await one.add("1");
    one.storage.close();
    await expect.poll(() => other.sends).toEqual(["1"]);
  });

  // A tab makes five transactions while it loads, takes over and writes. Wherever it ends, what was kept is sent by one.
  const deaths = Array.from({ length: 8 }, (_, at) => [true, false].map((after) => ({ at: at + 1, after }))).flat();
  it.each(deaths)("loses nothing when the one that takes over dies too, $at $after", async (death) => {
    const first = browser.open({ newKey: "k" });
    await first.loaded;
    await first.add("1");
    await first.add("2");
    const second = browser.open({ newKey: "k" }, death);
    first.die();
    const lived = await Promise.race([second.loaded.then(() => true), settledIn(60).then(() => false)]);
    const isKept = lived && (await Promise.race([second.add("3").then(() => true), settledIn(60).then(() => false)]));
    second.die();
    const third = browser.open({ newKey: "k" });
    const ids = (await third.loaded).outbox.map(({ id }) => id);
    // What was not confirmed may have been kept all the same.
    expect(ids.filter((id) => id !== "3" || isKept)).toEqual(isKept ? ["1", "2", "3"] : ["1", "2"]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

/** A dead tab gives no sign of it; this is far longer than a living one needs. */
function settledIn(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
