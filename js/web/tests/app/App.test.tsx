import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { App } from "../../src/app/App.js";
import { PageTheme } from "../../src/app/PageTheme.js";
import { Identity } from "../../src/identity/identity.js";
import { IdentityOf } from "../../src/identity/IdentityContext.js";
import { Router } from "../../src/routing/router.js";
import { Routing } from "../../src/routing/Routing.js";
import { Announcer } from "../../src/ui/Announcer.js";
import { ABOUT, memoryOf, setting, StandIn } from "../support/standIn.js";

/** There is no socket in these tests: the page stands there as it does before the first connection. */
class NoSocket extends EventTarget {
  static readonly OPEN = 1;
  readyState = 0;
  send(): void {
    throw new Error("It is not open.");
  }
  close(): void {
    this.readyState = 3;
  }
}

/** Of a server that says: there is no such session. */
class NothingThere extends NoSocket {
  onclose: ((event: CloseEvent) => void) | null = null;

  constructor() {
    super();
    setTimeout(() => this.onclose?.(new CloseEvent("close", { code: 4301 })));
  }
}

beforeEach(() => {
  vi.stubGlobal("WebSocket", NoSocket);
  // This browser has no IndexedDB either, and says so.
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  window.history.replaceState(null, "", "/");
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function shown({ server = new StandIn(), memory = memoryOf(), path = "/" } = {}) {
  window.history.replaceState(null, "", path);
  vi.stubGlobal("fetch", server.fetch);
  const place = setting(server, memory);
  const identity = new Identity(place.ports);
  const router = new Router(window);
  const newConversation = vi.fn(() => Promise.resolve("key-1"));
  render(
    <StrictMode>
      <PageTheme memory={memory}>
        <Announcer>
          <IdentityOf value={identity}>
            <Routing value={router}>
              <App memory={memory} newConversation={newConversation} />
            </Routing>
          </IdentityOf>
        </Announcer>
      </PageTheme>
    </StrictMode>,
  );
  await act(() => identity.start());
  return { ...place, identity, router, memory };
}

const heading = (name: string | RegExp) => screen.findByRole("heading", { level: 1, name });

describe("where a person comes in", () => {
  it("is a new conversation the first time", async () => {
    const { router } = await shown();
    await heading("New parcel");
    expect(router.route()).toEqual({ page: "new", newKey: "key-1" });
    expect(document.title).toBe("New parcel · Shipanion");
  });

  it("is where they were last on this device", async () => {
    const memory = memoryOf();
    memory.remember("last/guest-1", "session-7");
    memory.remember("last/guest-2", "session-8");
    const { router } = await shown({ memory });
    await waitFor(() => {
      expect(router.route()).toEqual({ page: "session", sessionId: "session-7" });
    });
  });

  it("is the address they opened", async () => {
    const memory = memoryOf();
    memory.remember("last/guest-1", "session-7");
    const { router } = await shown({ memory, path: "/s/session-9" });
    expect(router.route()).toEqual({ page: "session", sessionId: "session-9" });
  });

  it("is the door, where guests may not come in; then where they wanted to go", async () => {
    const server = new StandIn();
    server.about = { ...ABOUT, guests: false, sign_up: false };
    server.account("ann", "correct horse");
    const { router } = await shown({ server, path: "/s/session-9" });
    await heading("Sign in");
    expect(screen.queryByRole("button", { name: "Go on as a guest" })).toBeNull();
    fireEvent.change(screen.getByLabelText("Name"), { target: { value: "ann" } });
    fireEvent.change(screen.getByLabelText("Password"), { target: { value: "correct horse" } });
    fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await heading("Parcel");
    expect(router.route()).toEqual({ page: "session", sessionId: "session-9" });
  });
});

describe("the door", () => {
  it("keeps what was typed and says what is wrong", async () => {
    const server = new StandIn();
    server.account("ann", "correct horse");
    await shown({ server, path: "/sign-in" });
    fireEvent.change(screen.getByLabelText("Name"), { target: { value: "ann" } });
    fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("Type a password.")).toBeTruthy();
    fireEvent.change(screen.getByLabelText("Password"), { target: { value: "wrong horse" } });
    fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("The name or the password is wrong.")).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("ann");
  });

  it("tells a guest what signing in leaves behind, and makes an account of them instead", async () => {
    const { router, server } = await shown({ path: "/sign-in" });
    expect(screen.getByText(/as a guest stays behind/)).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Make an account" }));
    fireEvent.change(screen.getByLabelText("Name"), { target: { value: "ann" } });
    fireEvent.change(screen.getByLabelText("Password"), { target: { value: "correct horse" } });
    fireEvent.click(screen.getByRole("button", { name: "Make the account" }));
    await heading("New parcel");
    expect(router.route().page).toBe("new");
    expect(server.cookie).toMatchObject({ user_id: "guest-1", kind: "account" });
  });

  it("is where whoever signs out ends up", async () => {
    const { router, identity } = await shown({ path: "/s/session-9" });
    await act(() => identity.signOut());
    await heading("Sign in");
    expect(router.route()).toEqual({ page: "sign_in" });
    fireEvent.click(screen.getByRole("button", { name: "Go on as a guest" }));
    await heading("New parcel");
  });
});

it("the door does not keep whoever came in by another tab", async () => {
  const server = new StandIn();
  server.account("ann", "correct horse");
  const { identity, router } = await shown({ server, path: "/s/session-9" });
  await act(() => identity.signOut());
  await heading("Sign in");
  await act(() => identity.signIn("ann", "correct horse"));
  await heading("New parcel");
  expect(router.route().page).toBe("new");
});

it("a sign-in that ended is asked for above the work, which stays", async () => {
  const server = new StandIn();
  server.cookie = server.account("ann", "correct horse");
  const { identity, router } = await shown({ server, path: "/s/session-9" });
  server.expire();
  await act(() => identity.check());
  expect(screen.getByRole("heading", { name: "Sign in again to go on" })).toBeTruthy();
  expect(screen.getByRole("region", { name: "Conversation" })).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("ann");
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: "correct horse" } });
  fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => {
    expect(screen.queryByRole("heading", { name: "Sign in again to go on" })).toBeNull();
  });
  expect(router.route()).toEqual({ page: "session", sessionId: "session-9" });
});

it("somebody else who signs in comes to their own place", async () => {
  const server = new StandIn();
  server.cookie = server.account("ann", "correct horse");
  server.account("eve", "battery staple");
  const memory = memoryOf();
  memory.remember("last/user-eve", "session-8");
  const { identity, router } = await shown({ server, memory, path: "/s/session-9" });
  await act(() => identity.signIn("eve", "battery staple"));
  await waitFor(() => {
    expect(router.route()).toEqual({ page: "session", sessionId: "session-8" });
  });
});

it("a server that does not answer is said, and asked again", async () => {
  const server = new StandIn();
  server.health = "away";
  await shown({ server });
  await heading("Shipanion does not answer");
  server.health = "well";
  fireEvent.click(screen.getByRole("button", { name: "Try now" }));
  await heading("New parcel");
});

it("a conversation that is not there is said, with what was written in it and ways out", async () => {
  vi.stubGlobal("WebSocket", NothingThere);
  localStorage.setItem("shipanion.place:guest-1:session-9", JSON.stringify({ draft: "five pounds", at: 1 }));
  const memory = memoryOf();
  memory.remember("last/guest-1", "session-9");
  const { router } = await shown({ memory, path: "/s/session-9" });
  expect(await screen.findByRole("heading", { name: "This conversation is not here" })).toBeTruthy();
  expect(screen.getByText("five pounds")).toBeTruthy();
  expect(document.title).toBe("Not found · Shipanion");
  expect(memory.recall("last/guest-1")).toBeUndefined();
  vi.stubGlobal("WebSocket", NoSocket);
  fireEvent.click(screen.getByRole("button", { name: "Begin a new one" }));
  await heading("New parcel");
  expect(router.route()).toEqual({ page: "new", newKey: "key-1" });
  expect(screen.queryByRole("heading", { name: "This conversation is not here" })).toBeNull();
});
