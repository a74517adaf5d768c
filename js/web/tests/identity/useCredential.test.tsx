import type { LineEvents } from "@shipanion/client";
import { MemoryStorage, Session } from "@shipanion/client";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { useSyncExternalStore } from "react";
import { expect, it } from "vitest";
import { Identity } from "../../src/identity/identity.js";
import { IdentityOf, SomebodyHere, useIdentityState } from "../../src/identity/IdentityContext.js";
import { useCredential } from "../../src/identity/useCredential.js";
import { setting } from "../support/standIn.js";

/** A session whose lines the test holds in its hand. */
function handHeld() {
  const lines: LineEvents[] = [];
  const sent: string[] = [];
  let id = 0;
  const session = new Session({
    storage: new MemoryStorage("session-1"),
    transport: {
      open: (_, heard) => {
        lines.push(heard);
        return { send: (text) => sent.push(text), close: () => undefined };
      },
    },
    timers: { set: () => 0, clear: () => undefined },
    now: () => 0,
    random: () => 0.5,
    newId: () => `id-${(id += 1)}`,
  });
  session.connect().catch(() => undefined);
  const line = (number: number): LineEvents => {
    const found = lines[number];
    if (found === undefined) throw new Error(`There is no line ${number}.`);
    return found;
  };
  return { session, lines, line, sent };
}

const WELCOME = JSON.stringify({
  type: "welcome",
  session_id: "session-1",
  outcome: "snapshot",
  position: { epoch: "e", offset: 1 },
  replayed: 0,
  state: {},
  tail: [],
  devices: [],
  heartbeat_ms: 15_000,
  limits: {},
  reconnect: { min_ms: 500, max_ms: 20_000 },
});

async function used() {
  const place = setting();
  place.server.cookie = place.server.account("ann", "correct horse");
  const identity = new Identity(place.ports);
  await identity.start();
  const held = handHeld();
  function Around({ children }: { readonly children: ReactNode }) {
    const state = useIdentityState();
    return state.phase === "here" ? <SomebodyHere here={state}>{children}</SomebodyHere> : null;
  }
  renderHook(
    () => {
      useCredential(held.session, useSyncExternalStore(held.session.subscribe, held.session.snapshot));
    },
    {
      wrapper: ({ children }: { readonly children: ReactNode }) => (
        <IdentityOf value={identity}>
          <Around>{children}</Around>
        </IdentityOf>
      ),
    },
  );
  await waitFor(() => {
    expect(held.lines).toHaveLength(1);
  });
  return { ...place, ...held, identity };
}

it("leads a refused connection on when the cookie is good", async () => {
  const { lines, line, server } = await used();
  act(() => {
    line(0).opened();
    line(0).closed(4201);
  });
  await waitFor(() => {
    expect(lines).toHaveLength(2);
  });
  expect(server.requests.at(-1)).toBe("GET /api/me");
});

it("does not knock without end when the socket refuses a good cookie", async () => {
  const { lines, line } = await used();
  act(() => {
    line(0).closed(4201);
  });
  await waitFor(() => {
    expect(lines).toHaveLength(2);
  });
  act(() => {
    line(1).closed(4201);
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(lines).toHaveLength(2);
});

it("waits for a person when the cookie is no good either, and goes on once they signed in", async () => {
  const { lines, line, server, identity } = await used();
  server.expire();
  act(() => {
    line(0).closed(4201);
  });
  await waitFor(() => {
    expect(identity.state()).toMatchObject({ isLapsed: true });
  });
  expect(lines).toHaveLength(1);
  await act(() => identity.signIn("ann", "correct horse"));
  await waitFor(() => {
    expect(lines).toHaveLength(2);
  });
});

it("hands fresh tickets to the open connection", async () => {
  const { line, sent, identity } = await used();
  act(() => {
    line(0).opened();
    line(0).received(WELCOME);
  });
  await act(async () => {
    await identity.renew();
  });
  expect(sent).toContain(JSON.stringify({ type: "auth", token: "user-ann/1" }));
});
