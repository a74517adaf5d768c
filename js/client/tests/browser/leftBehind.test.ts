import { emptyBrowser } from "../support/page.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../src/browser/database.js";
import {
  deliverLeftBehind,
  delivered,
  forget,
  leftBehind,
  newConversation,
  unsent,
} from "../../src/browser/leftBehind.js";
import { openSession } from "../../src/browser/openSession.js";
import { MemoryStorage } from "../../src/memoryStorage.js";
import { Session } from "../../src/session.js";
import { isConnected } from "../../src/view.js";
import { userOf } from "../../src/browser/plainSocket.js";
import { NOT_RUN, ServerProcess } from "../support/serverProcess.js";
import { event, settle, Surroundings } from "../support/surroundings.js";
import { Browser, said } from "../support/tabs.js";
import { until } from "../support/until.js";

beforeEach(() => {
  emptyBrowser();
});

describe("what was left behind", () => {
  it("is the commands of tabs that are gone, by conversation", async () => {
    const browser = new Browser();
    const [gone, alive] = [browser.open({ newKey: "k" }), browser.open({ sessionId: "s" })];
    await Promise.all([gone.loaded, alive.loaded]);
    await gone.add("1");
    await gone.add("2");
    await alive.add("3");
    const look = () => leftBehind("ann", undefined, browser.locks.tab());
    expect(await look()).toEqual([]);
    gone.die();
    expect(await look()).toEqual([{ newKey: "k", count: 2 }]);
    alive.die();
    expect(await look()).toEqual([
      { newKey: "k", count: 2 },
      { sessionId: "s", count: 1 },
    ]);
    expect(await leftBehind("bea", undefined, browser.locks.tab())).toEqual([]);
  });

  it("is erased with everything else that is kept for a person, and only for that one", async () => {
    const browser = new Browser();
    for (const user of ["ann", "bea"]) {
      const tab = browser.open({ newKey: "k", user });
      await tab.loaded;
      await tab.add("1");
      await newConversation(user);
      tab.die();
    }
    await forget("ann");
    expect(await leftBehind("ann", undefined, browser.locks.tab())).toEqual([]);
    expect((await browser.open({ newKey: "k", user: "ann" }).loaded).outbox).toEqual([]);
    expect(await leftBehind("bea", undefined, browser.locks.tab())).toEqual([{ newKey: "k", count: 1 }]);
    const rows = await new Database().read(async ({ people }) => {
      return await new Promise<unknown[]>((resolve) => {
        const all = people.getAll();
        all.onsuccess = () => {
          resolve(all.result);
        };
      });
    });
    expect(rows).toMatchObject([{ user: "bea" }]);
  });
});

it("what is not sent counts whether its tab lives or not", async () => {
  const browser = new Browser();
  const tabs = [browser.open({ newKey: "k" }), browser.open({ newKey: "k" }), browser.open({ sessionId: "s" })];
  for (const tab of tabs) await tab.loaded;
  for (const [at, tab] of tabs.entries()) await tab.add(String(at));
  expect(await unsent("ann")).toBe(3);
  tabs[0]?.die();
  expect(await unsent("ann")).toBe(3);
  await tabs[1]?.storage.remove("1");
  expect(await unsent("ann")).toBe(2);
  expect(await unsent("bea")).toBe(0);
  await forget("ann");
  expect(await unsent("ann")).toBe(0);
});

describe("a conversation that is being sent", () => {
  /** One with two commands that were kept, and the timers that its bound goes by. */
  async function sending(signal?: AbortSignal) {
    const storage = new MemoryStorage("s-1");
    for (const id of ["1", "2"]) await storage.add(said(id));
    const around = new Surroundings(storage);
    const session = new Session(around);
    session.connect().catch(() => undefined);
    await settle();
    const bound = new Surroundings();
    const outcome = { how: "waiting" };
    void delivered(session, bound.timers, signal).then((how) => (outcome.how = how));
    const pass = async (ticks: number): Promise<string> => {
      for (let tick = 0; tick < ticks && bound.isArmed; tick += 1) bound.passTime();
      await settle();
      return outcome.how;
    };
    return { around, session, bound, pass };
  }

  const ack = (id: string) => ({ type: "ack", session_id: "s-1", acks: [{ id, offset: 8, duplicate: false }] });
  const spoken = (id: string, offset: number) => event(offset, "user_message", { id, text: `I say ${id}` });

  it("has ten seconds of a live line for each command, and is then left for the next one", async () => {
    const { around, pass } = await sending();
    around.line.welcomes();
    expect(await pass(9)).toBe("waiting");
    around.line.says(spoken("1", 8));
    expect(await pass(9)).toBe("waiting");
    expect(await pass(1)).toBe("stuck");
  });

  it("is done with its last command, and asks for no more time", async () => {
    const { around, bound, pass } = await sending();
    around.line.welcomes();
    around.line.says(ack("1"));
    around.line.says(spoken("1", 8));
    around.line.says(spoken("2", 9));
    expect(await pass(0)).toBe("done");
    expect(bound.isArmed).toBe(false);
  });

  it("may take a minute to connect, and as long as there is no network", async () => {
    const { session, around, pass } = await sending();
    session.networkChanged(false);
    around.line.heard.closed(1006);
    expect(await pass(500)).toBe("waiting");
    session.networkChanged(true);
    expect(await pass(59)).toBe("waiting");
    expect(await pass(1)).toBe("stuck");
  });

  it("is left at once when its page says so", async () => {
    const end = new AbortController();
    const { bound, pass } = await sending(end.signal);
    expect(await pass(1)).toBe("waiting");
    end.abort();
    expect(await pass(0)).toBe("ended");
    expect(bound.isArmed).toBe(false);
    const over = await sending(end.signal);
    expect(await over.pass(0)).toBe("ended");
  });
});

describe("a new conversation", () => {
  it("is the same one until something is said in it", async () => {
    const browser = new Browser();
    const key = await newConversation("ann");
    expect(await newConversation("ann")).toBe(key);
    expect(await newConversation("bea")).not.toBe(key);
    const tab = browser.open({ newKey: key });
    await tab.loaded;
    await tab.storage.save({ sessionId: "s", position: { epoch: "e", offset: 0 }, state: {} });
    expect(await newConversation("ann")).toBe(key);
    await tab.add("1");
    const next = await newConversation("ann");
    expect(next).not.toBe(key);
    const other = browser.open({ newKey: next });
    await other.loaded;
    await other.storage.save({ sessionId: "t", position: { epoch: "e", offset: 3 }, state: {} });
    expect(await newConversation("ann")).not.toBe(next);
  });

  it("is another one each time where nothing can be kept", async () => {
    const nowhere = new Database(() => undefined);
    expect(await newConversation("ann", nowhere)).not.toBe(await newConversation("ann", nowhere));
  });
});

describe.skipIf(NOT_RUN !== undefined)("with a real server", () => {
  const server = new ServerProcess();

  beforeAll(async () => {
    await server.start();
  });

  afterAll(async () => {
    await server.remove();
  });

  it("is sent without being shown, from every conversation", async () => {
    const token = await server.guest();
    const user = userOf(token) ?? "";
    await server.kill();
    for (const newKey of ["k1", "k2"]) {
      const { session, close } = openSession({ user, url: server.url, token, newKey });
      session.say(`hello from ${newKey}`).catch(() => undefined);
      await until(session, ({ pending }) => pending.length === 1);
      await close();
    }
    expect(await leftBehind(user)).toMatchObject([{ count: 1 }, { count: 1 }]);
    await server.start();
    await deliverLeftBehind(user, server.url, token);
    expect(await leftBehind(user)).toEqual([]);
    for (const newKey of ["k1", "k2"]) {
      const opened = openSession({ user, url: server.url, token, newKey });
      await until(opened.session, isConnected);
      const said = () => opened.transcript.snapshot().events.find(({ type }) => type === "user_message");
      await expect.poll(said).toMatchObject({ text: `hello from ${newKey}` });
      await opened.close();
    }
  });

  it("stays when a sign-in is needed", async () => {
    const token = await server.guest();
    const user = userOf(token) ?? "";
    const opened = openSession({ user, url: server.url, token: "no token", newKey: "k" });
    await until(opened.session, ({ status }) => status === "sign_in");
    opened.session.say("hello").catch(() => undefined);
    await until(opened.session, ({ pending }) => pending.length === 1);
    await opened.close();
    await deliverLeftBehind(user, server.url, "no token");
    expect(await leftBehind(user)).toEqual([{ newKey: "k", count: 1 }]);
    await deliverLeftBehind(user, server.url, token);
    expect(await leftBehind(user)).toEqual([]);
  });
});
