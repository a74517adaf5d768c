/** The client and a real server, which is killed in the middle of an answer. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deliver } from "../../src/clientOutputs.js";
import { MemoryStorage } from "../../src/memoryStorage.js";
import { Session } from "../../src/session.js";
import type { SessionSnapshot } from "../../src/view.js";
import { realPorts } from "../support/realPorts.js";
import { NOT_RUN, ServerProcess } from "../support/serverProcess.js";

const server = new ServerProcess();
const sessions: Session[] = [];

/** Waits, with a bound, until what is shown is as wanted. */
async function until(session: Session, wanted: (shown: SessionSnapshot) => boolean): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const bound = setTimeout(() => {
      reject(new Error(`It did not come about: ${wanted.toString()}\n${JSON.stringify(session.snapshot())}`));
    }, 20_000);
    const look = (): void => {
      if (!wanted(session.snapshot())) return;
      clearTimeout(bound);
      end();
      resolve();
    };
    const end = session.subscribe(look);
    look();
  });
}

describe.skipIf(NOT_RUN !== undefined)("a real server", () => {
  beforeAll(async () => {
    await server.start();
  });

  afterAll(async () => {
    for (const session of sessions) await session.close();
    await server.remove();
  });

  it("is killed in mid-answer, and the client goes on: each event once, what was said offline too", async () => {
    const token = await server.guest();
    const storage = new MemoryStorage();
    const delivered: Deliver[] = [];
    const banners: string[] = [];
    const life = (kept = storage) => {
      const session = new Session(realPorts(server.url, kept), { token });
      sessions.push(session);
      return session;
    };
    const follow = (session: Session) => {
      session.listen((output) => {
        if (output.out === "deliver") delivered.push(output);
        if (output.out === "banner") banners.push(output.status);
      });
    };

    const first = life();
    follow(first);
    await first.connect();
    expect(await first.say("5 lb from 90210 to 10001", "said-1")).toMatchObject({ id: "said-1" });
    await until(first, ({ draft }) => draft !== undefined);
    const { turn } = first.snapshot();
    await server.kill();
    await until(first, ({ status }) => status === "reconnecting");

    // Said without a connection, and the page is reloaded before there is one again.
    const offline = first.say("and how long does it take?", "said-2").catch((error: unknown) => String(error));
    await until(first, ({ pending }) => pending.length === 1);
    await first.close();
    expect(await offline).toContain("SessionEnded");
    const second = life();
    follow(second);
    const connected = second.connect();
    await until(second, ({ pending, status }) => pending.length === 1 && status === "reconnecting");

    await server.start();
    second.tryNow();
    await connected;
    await until(second, ({ pending, turns }) => pending.length === 0 && turns.length === 0);
    await expect
      .poll(() => delivered.some(({ event }) => event.type === "turn_ended" && event.turn_id !== turn))
      .toBe(true);

    expect(banners).toEqual(expect.arrayContaining(["live", "reconnecting", "resumed"]));
    expect(delivered.map(({ position }) => position.offset)).toEqual(delivered.map((_, at) => at + 1));
    expect(new Set(delivered.map(({ position }) => position.epoch)).size).toBe(1);
    const events = delivered.map(({ event }) => event);
    expect(events.filter((event) => event.id === "said-2").length).toBe(1);
    const ended = events.filter((event) => event.type === "turn_ended");
    expect(ended[0]).toMatchObject({ turn_id: turn, outcome: "interrupted" });
    expect(ended.at(-1)).toMatchObject({ outcome: "completed" });

    const other = life(new MemoryStorage(second.snapshot().sessionId));
    await other.connect();
    expect(other.snapshot().position).toEqual(second.snapshot().position);
    expect(other.snapshot().state).toEqual(second.snapshot().state);
    expect((await other.history(undefined, 200)).events).toEqual(events);
  });

  it("runs tools, keeps a device's place, and tells who is there", async () => {
    const token = await server.guest();
    const session = new Session(realPorts(server.url, new MemoryStorage()), { token });
    sessions.push(session);
    await session.connect();
    const quotes = await session.callTool("get_shipping_quotes", { from_zip: "90210", to_zip: "10001", weight: 5 });
    expect(quotes).toMatchObject({
      quotes: expect.arrayContaining([expect.objectContaining({ carrier: "USPS" })]) as unknown,
    });
    await until(session, ({ state }) => state?.current_step === 1);
    await expect(session.callTool("get_shipping_quotes", { from_zip: "90210" })).rejects.toThrow(
      "Missing required parameter",
    );
    await expect(session.update({ current_step: 3 })).rejects.toMatchObject({
      name: "CommandRefused",
      code: "not_allowed",
    });
    await session.update({ title: "Books for Ana" });
    await until(session, ({ state }) => state?.title === "Books for Ana");
    expect(session.snapshot().devices.length).toBe(1);
  });
});
