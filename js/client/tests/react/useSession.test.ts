import { emptyBrowser } from "../support/page.js";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { createElement, StrictMode, useEffect } from "react";
import { renderToString } from "react-dom/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { userOf } from "../../src/browser/plainSocket.js";
import type { OpenOptions } from "../../src/browser/openSession.js";
import { useSession } from "../../src/react/useSession.js";
import { isConnected } from "../../src/view.js";
import { NOT_RUN, ServerProcess } from "../support/serverProcess.js";
import { countLines } from "../support/countLines.js";

const server = new ServerProcess();
const PATIENT = { timeout: 15_000 };
let token = "";

it("can be rendered where there is no browser", () => {
  const Shown = () => useSession({ user: "ann" }).snapshot.status;
  expect(renderToString(createElement(Shown))).toBe("connecting");
});

describe.skipIf(NOT_RUN !== undefined)("with a real server", () => {
  beforeAll(async () => {
    await server.start();
  });

  beforeEach(async () => {
    emptyBrowser();
    token = await server.guest();
  });

  afterEach(() => {
    cleanup();
  });

  afterAll(async () => {
    await server.remove();
  });

  const render = (options: Partial<OpenOptions> = {}, isStrict = true) =>
    renderHook(
      (changes: Partial<OpenOptions>) =>
        useSession({ user: userOf(token) ?? "", url: server.url, token, ...options, ...changes }),
      {
        initialProps: {},
        reactStrictMode: isStrict,
        ...(isStrict ? { wrapper: StrictMode } : {}),
      },
    );
  type Rendered = Pick<ReturnType<typeof render>, "result">;

  const live = async ({ result }: Rendered) => {
    await waitFor(() => {
      expect(isConnected(result.current.snapshot)).toBe(true);
    }, PATIENT);
  };
  const texts = ({ result }: Rendered) =>
    result.current.transcript.events.flatMap((event) => (event.type === "user_message" ? [event.text] : []));

  it("opens one connection under StrictMode, and shows an answer", async () => {
    const lines = countLines();
    const view = render({ newKey: "k" });
    await live(view);
    await act(async () => {
      await view.result.current.session.say("5 lb from 90210 to 10001");
    });
    await waitFor(() => {
      expect(view.result.current.transcript.events.at(-1)?.type).toBe("turn_ended");
    }, PATIENT);
    expect(lines.opened()).toBe(1);
    view.unmount();
    await expect.poll(lines.open).toBe(0);
    expect(lines.opened()).toBe(1);
    lines.end();
  });

  it("loses nothing that is said at once, before StrictMode's second effect", async () => {
    const view = renderHook(
      () => {
        const used = useSession({ user: userOf(token) ?? "", url: server.url, token, newKey: "k" });
        const { session } = used;
        useEffect(() => {
          session.say("at once", "m1").catch(() => undefined);
        }, [session]);
        return used;
      },
      { wrapper: StrictMode },
    );
    await waitFor(() => {
      expect(texts(view)).toEqual(["at once"]);
    }, PATIENT);
  });

  it("stays open when the new conversation gets its address, and opens another one for another", async () => {
    const lines = countLines();
    const view = render({ newKey: "k" });
    await live(view);
    const { session } = view.result.current;
    const { sessionId } = session.snapshot();
    view.rerender({ newKey: undefined, sessionId });
    expect(view.result.current.session).toBe(session);
    await act(async () => {
      await view.result.current.session.say("hello");
    });
    view.rerender({ newKey: "other" });
    expect(view.result.current.session).not.toBe(session);
    expect(view.result.current.transcript.events).toEqual([]);
    await live(view);
    expect(view.result.current.snapshot.sessionId).not.toBe(sessionId);
    view.rerender({ newKey: undefined, sessionId });
    await waitFor(() => {
      expect(texts(view)).toEqual(["hello"]);
    }, PATIENT);
    await expect.poll(lines.open).toBe(1);
    lines.end();
  });

  it("takes a fresh token without a new connection, and leads on from one that was no good", async () => {
    const lines = countLines();
    const view = render({ newKey: "k", token: "no token" });
    await waitFor(() => {
      expect(view.result.current.snapshot.status).toBe("sign_in");
    }, PATIENT);
    view.result.current.session.say("waits").catch(() => undefined);
    view.rerender({ token });
    await waitFor(() => {
      expect(texts(view)).toEqual(["waits"]);
    }, PATIENT);
    const before = lines.opened();
    const renewed = await server.renewed(token);
    view.rerender({ token: renewed });
    await act(async () => {
      await view.result.current.session.say("again");
    });
    // The ack may come before the event that takes the optimistic copy away.
    await waitFor(() => {
      expect(view.result.current.snapshot.pending).toEqual([]);
    });
    expect(lines.opened()).toBe(before);
    lines.end();
  });

  it("goes on by itself when the server is killed and comes back, with what was said meanwhile", async () => {
    const view = render({ newKey: "k" }, false);
    await live(view);
    await act(async () => {
      await view.result.current.session.say("before");
    });
    await server.kill();
    await waitFor(() => {
      expect(view.result.current.snapshot.status).toBe("reconnecting");
    }, PATIENT);
    act(() => {
      view.result.current.session.say("meanwhile").catch(() => undefined);
    });
    await waitFor(() => {
      expect(view.result.current.snapshot.pending).toMatchObject([{ command: { text: "meanwhile" } }]);
    });
    await server.start();
    await waitFor(() => {
      expect(texts(view)).toEqual(["before", "meanwhile"]);
    }, PATIENT);
    const offsets = view.result.current.transcript.events.map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.map((_, at) => at + 1));
    await view.result.current.loadOlder();
    view.result.current.follow();
  });

  it("never shows a message twice or not at all while it goes from pending into the log", async () => {
    const seen: number[] = [];
    const view = renderHook(() => {
      const used = useSession({ user: userOf(token) ?? "", url: server.url, token, newKey: "k" });
      const { snapshot, transcript } = used;
      seen.push(snapshot.pending.length + transcript.events.filter(({ type }) => type === "user_message").length);
      return used;
    });
    await live(view);
    await act(async () => {
      await view.result.current.session.say("once");
    });
    await waitFor(() => {
      expect(texts(view)).toEqual(["once"]);
    }, PATIENT);
    expect(seen.join("")).toMatch(/^0+1+$/);
  });
});
