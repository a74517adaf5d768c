import type { Pending } from "@shipanion/client";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PageTheme } from "../../src/app/PageTheme.js";
import { Identity } from "../../src/identity/identity.js";
import { IdentityOf, SomebodyHere, useIdentityState } from "../../src/identity/IdentityContext.js";
import { Router } from "../../src/routing/router.js";
import { Routing } from "../../src/routing/Routing.js";
import { AccountMenu } from "../../src/shell/AccountMenu.js";
import { Announcer } from "../../src/ui/Announcer.js";
import { memoryOf, setting, StandIn } from "../support/standIn.js";
import { emptyBrowser, tabWith } from "../support/unsent.js";

const SAID: readonly Pending[] = [
  { id: "1", command: { type: "user_message", id: "1", text: "five pounds" } },
  { id: "2", command: { type: "stop", id: "2", turn_id: "turn-1" } },
];

beforeEach(() => {
  document.documentElement.removeAttribute("data-theme");
  window.history.replaceState(null, "", "/s/session-1");
});

afterEach(async () => {
  cleanup();
  await emptyBrowser();
});

function Menu({ pending }: { readonly pending: readonly Pending[] }) {
  const state = useIdentityState();
  if (state.phase !== "here") return <p>Nobody is here.</p>;
  return (
    <SomebodyHere here={state}>
      <AccountMenu pending={pending} />
    </SomebodyHere>
  );
}

async function shown({ server = new StandIn(), memory = memoryOf(), pending = [] as readonly Pending[] } = {}) {
  const place = setting(server, memory);
  const identity = new Identity(place.ports);
  const router = new Router(window);
  render(
    <PageTheme memory={memory}>
      <Announcer>
        <IdentityOf value={identity}>
          <Routing value={router}>
            <Menu pending={pending} />
          </Routing>
        </IdentityOf>
      </Announcer>
    </PageTheme>,
  );
  await act(() => identity.start());
  return { ...place, identity, router, memory };
}

function open(): void {
  fireEvent.keyDown(screen.getByRole("button", { name: /^Account/ }), { key: "Enter" });
}

function choose(name: string): void {
  open();
  fireEvent.click(screen.getByRole("menuitem", { name }));
}

it("says who is here and offers a guest the ways in", async () => {
  const { router } = await shown();
  open();
  expect(screen.getByText("You are here as a guest")).toBeTruthy();
  fireEvent.click(screen.getByRole("menuitem", { name: "Sign in" }));
  expect(router.route()).toEqual({ page: "sign_in" });
});

it("offers whoever has an account the way out only", async () => {
  const server = new StandIn();
  server.cookie = server.account("ann", "correct horse");
  await shown({ server });
  open();
  expect(screen.getAllByRole("menuitem").map(({ textContent }) => textContent)).toEqual(["Sign out"]);
});

it("changes the look at once, for this device, and stays open to try another", async () => {
  const { memory } = await shown();
  open();
  fireEvent.click(screen.getByRole("menuitemradio", { name: "Dark" }));
  expect(document.documentElement.getAttribute("data-theme")).toBe("dark");
  expect(memory.recall("theme")).toBe("dark");
  fireEvent.click(screen.getByRole("menuitemradio", { name: "As the system" }));
  expect(document.documentElement.hasAttribute("data-theme")).toBe(false);
});

it("makes an account of a guest on the spot", async () => {
  const { server } = await shown();
  choose("Make an account");
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: "ann" } });
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: "correct horse" } });
  fireEvent.click(screen.getByRole("button", { name: "Make the account" }));
  expect(await screen.findByRole("button", { name: "Account: ann" })).toBeTruthy();
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
  expect(server.cookie).toMatchObject({ user_id: "guest-1", name: "ann" });
});

describe("signing out", () => {
  it("warns a guest, names what is not sent, and offers an account instead", async () => {
    const { identity } = await shown({ pending: SAID });
    choose("Sign out");
    expect(screen.getByRole("dialog", { name: "Leave for good?" })).toBeTruthy();
    expect(screen.getByText("2 things you did are not sent yet and would be lost.")).toBeTruthy();
    expect(screen.getByText("five pounds")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Make an account instead" }));
    expect(screen.getByRole("dialog", { name: "Make an account" })).toBeTruthy();
    expect(identity.state().phase).toBe("here");
  });

  it("counts what another living tab has not sent, and not what the server has taken in", async () => {
    await tabWith("guest-1", 2);
    await shown({ pending: [{ id: "3", command: { type: "user_message", id: "3", text: "six pounds" }, acked: 9 }] });
    choose("Sign out");
    expect(
      await screen.findByText("2 things you did are not sent yet and would be lost, in other conversations or tabs."),
    ).toBeTruthy();
    expect(screen.queryByText("six pounds")).toBeNull();
  });

  it("says that it is on all devices, and does it", async () => {
    const server = new StandIn();
    server.cookie = server.account("ann", "correct horse");
    const { forgotten } = await shown({ server });
    choose("Sign out");
    expect(screen.getByRole("dialog", { name: "Sign out on all devices?" })).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Sign out" }));
    expect(await screen.findByText("Nobody is here.")).toBeTruthy();
    expect(forgotten).toEqual(["user-ann"]);
  });

  it("says that it did not happen when the server cannot be told", async () => {
    const server = new StandIn();
    const { forgotten } = await shown({ server });
    server.health = "away";
    choose("Sign out");
    fireEvent.click(screen.getByRole("button", { name: "Leave for good" }));
    expect(await screen.findByText(/You are still signed in/)).toBeTruthy();
    expect(forgotten).toEqual([]);
    fireEvent.click(screen.getByRole("button", { name: "Stay" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});
