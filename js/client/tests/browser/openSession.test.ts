import { emptyBrowser, goToSleep, show, wakeUp } from "../support/page.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deviceId } from "../../src/browser/ids.js";
import type { OpenOptions, OpenSession } from "../../src/browser/openSession.js";
import { makeSession, openSession } from "../../src/browser/openSession.js";
import { userOf } from "../../src/browser/plainSocket.js";
import { isConnected } from "../../src/view.js";
import { NOT_RUN, ServerProcess } from "../support/serverProcess.js";
import { until } from "../support/until.js";

const server = new ServerProcess();
let token = "";
let opened: OpenSession[] = [];

function open(options: Partial<OpenOptions> = {}): OpenSession {
  const made = openSession({ user: userOf(token) ?? "", url: server.url, token, ...options });
  opened.push(made);
  return made;
}

it("what is made and not connected touches nothing of the browser", async () => {
  const made = makeSession({ user: "ann" });
  expect(made.session.snapshot().status).toBe("connecting");
  await made.close();
});

describe.skipIf(NOT_RUN !== undefined)("with a real server", () => {
  beforeAll(async () => {
    await server.start();
  });

  beforeEach(async () => {
    for (const made of opened) await made.close();
    opened = [];
    emptyBrowser();
    show(true);
    token = await server.guest();
  });

  afterAll(async () => {
    for (const made of opened) await made.close();
    await server.remove();
  });

  it("is killed while something was said, the page is closed and opened again: each event once, all of it shown", async () => {
    const first = open({ newKey: "k" });
    await first.session.say("5 lb from 90210 to 10001");
    await until(first.session, ({ draft }) => draft !== undefined);
    await server.kill();
    await until(first.session, ({ status }) => status === "reconnecting");
    const said = first.session.say("and how long does it take?").catch((error: unknown) => String(error));
    await until(first.session, ({ pending }) => pending.length === 1);
    await first.close();
    expect(await said).toContain("SessionEnded");

    const second = open({ newKey: "k" });
    const restored = await until(second.session, ({ pending }) => pending.length === 1);
    expect(restored.sessionId).toBe(first.session.snapshot().sessionId);
    await server.start();
    second.session.tryNow();
    await until(
      second.session,
      ({ pending, turns, status }) => status !== "reconnecting" && pending.length + turns.length === 0,
    );
    await expect.poll(() => second.transcript.snapshot().events.at(-1)?.type, { timeout: 10_000 }).toBe("turn_ended");
    const { events, more } = second.transcript.snapshot();
    expect(events.map(({ offset }) => offset)).toEqual(events.map((_, at) => at + 1));
    expect(more).toBe(false);
    const texts = events.flatMap((event) => (event.type === "user_message" ? [event.text] : []));
    expect(texts).toEqual(["5 lb from 90210 to 10001", "and how long does it take?"]);
  });

  it("one that was begun without a network goes on under its id when it has one", async () => {
    await server.kill();
    const begun = open({ newKey: "k" });
    void begun.session.say("hello").catch(() => undefined);
    await until(begun.session, ({ pending }) => pending.length === 1);
    await begun.close();
    await server.start();
    const again = open({ newKey: "k" });
    const { sessionId } = await until(
      again.session,
      ({ pending, position }) => pending.length === 0 && position !== undefined,
    );
    await until(again.session, ({ position }) => (position?.offset ?? 0) > 0);
    await again.close();
    const byId = open({ sessionId });
    const shown = await until(byId.session, ({ position }) => position !== undefined);
    expect(shown.sessionId).toBe(sessionId);
    await until(byId.session, ({ status }) => status !== "connecting");
    await expect
      .poll(() => byId.transcript.snapshot().events[0])
      .toMatchObject({ type: "user_message", text: "hello" });
  });

  it("two of one page are one device and do not push each other out; both see what either says", async () => {
    const one = open({ newKey: "k" });
    const { sessionId } = await until(one.session, isConnected);
    const other = open({ sessionId });
    await until(other.session, isConnected);
    await Promise.all([one.session.say("hello", "m1"), other.session.say("hello too", "m2")]);
    for (const made of [one, other]) {
      const said = () => made.transcript.snapshot().events.filter(({ type }) => type === "user_message").length;
      await expect.poll(said).toBe(2);
      const devices = () => made.session.snapshot().devices;
      await expect.poll(devices).toMatchObject([{ device: deviceId(), connections: 2 }]);
    }
  });

  it("gives up its line when the page is put away, and catches up when it is taken out again", async () => {
    const asleep = open({ newKey: "k" });
    const { sessionId } = await until(asleep.session, isConnected);
    const other = open({ sessionId });
    await until(other.session, isConnected);
    goToSleep();
    await until(asleep.session, ({ status }) => status === "offline");
    wakeUp();
    await until(other.session, isConnected);
    await other.session.update({ title: "Books" });
    await until(asleep.session, ({ state }) => state?.title === "Books");
  });

  it("does not send one person's words by the credential of another who signed in meanwhile", async () => {
    const anns = token;
    const bens = await server.guest();
    const left = open({ user: userOf(anns) ?? "", token: bens, newKey: "k" });
    left.session.say("from ann").catch(() => undefined);
    await until(left.session, ({ status, pending }) => status === "sign_in" && pending.length === 1);
    left.session.signIn(anns);
    await until(left.session, (snapshot) => isConnected(snapshot) && snapshot.pending.length === 0);
    const other = open({ token: bens, user: userOf(bens) ?? "", newKey: "k" });
    await until(other.session, isConnected);
    expect(other.transcript.snapshot().events).toEqual([]);
  });

  it("asks for a sign-in where there is neither token nor cookie, and does not try for ever", async () => {
    const made = open({ newKey: "k", token: undefined });
    const { banner } = await until(made.session, ({ status }) => status !== "connecting");
    expect(banner).toMatchObject({ status: "sign_in" });
  });

  it("a credential that is no good keeps what was said until there is a good one", async () => {
    const made = open({ newKey: "k", token: "not a token" });
    await until(made.session, ({ status }) => status === "sign_in");
    const refused = made.session.say("hello", "m1").catch((error: unknown) => String(error));
    expect(await refused).toContain("SignInNeeded");
    made.session.signIn(token);
    await until(made.session, ({ pending, position }) => pending.length === 0 && (position?.offset ?? 0) > 0);
  });
});
