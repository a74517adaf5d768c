import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Router } from "../../src/routing/router.js";
import { Routing } from "../../src/routing/Routing.js";
import type { Listed, OnPage } from "../../src/sessions/rows.js";
import { SessionsPane } from "../../src/sessions/SessionsPane.js";
import { Announcer } from "../../src/ui/Announcer.js";

const PAGE: OnPage = {
  sessionId: "session-1",
  title: "Boots",
  hasEvents: true,
  isConnected: true,
  isWorking: false,
  others: 0,
  unsent: 0,
};

/** The server's list, and what was asked of it. */
class Shelf {
  sessions: Listed[] = [
    { id: "session-1", title: "Boots", last_at: Date.now() },
    { id: "session-2", title: "Lamp", last_at: Date.now() - 7_200_000, devices: 1, working: true },
  ];
  put: Listed[] = [];
  hasMore = false;
  isAway = false;

  fetch = async (input: URL, init: RequestInit = {}): Promise<Response> => {
    await Promise.resolve();
    if (this.isAway) throw new TypeError("Failed to fetch");
    const [, id, how] = /^\/api\/sessions\/([^/]+)\/(\w+)$/.exec(input.pathname) ?? [];
    if (init.method !== "POST") {
      const sessions = input.searchParams.get("archived") === "true" ? this.put : this.sessions;
      return Response.json({ sessions, more: this.hasMore, archived: this.put.length });
    }
    const [from, to] = how === "archive" ? [this.sessions, this.put] : [this.put, this.sessions];
    const at = from.findIndex((session) => session.id === id);
    if (at < 0)
      return Response.json({ error: { code: "not_found", message: "There is no such session." } }, { status: 404 });
    to.push(...from.splice(at, 1));
    return new Response(null, { status: 204 });
  };
}

let shelf: Shelf;

beforeEach(() => {
  window.history.replaceState(null, "", "/s/session-1");
  shelf = new Shelf();
  vi.stubGlobal("fetch", shelf.fetch);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function shown(page = PAGE) {
  const rename = vi.fn(() => Promise.resolve());
  const onGo = vi.fn();
  const router = new Router(window);
  render(
    <Announcer>
      <Routing value={router}>
        <SessionsPane user="ann" page={page} left={[]} rename={rename} onGo={onGo} />
      </Routing>
    </Announcer>,
  );
  return { rename, onGo, router };
}

/** Opens a row's menu as the keyboard does. */
async function choose(title: string, item: string): Promise<void> {
  const button = await screen.findByRole("button", { name: `More for ${title}` });
  fireEvent.keyDown(button, { key: "Enter" });
  fireEvent.click(await screen.findByRole("menuitem", { name: item }));
}

it("says when the server lists not all of them", async () => {
  shelf.put.push({ id: "session-3", title: "Vase", last_at: 1 });
  shelf.hasMore = true;
  shown();
  expect(await screen.findByText("Only the last 2 are listed.")).toBeTruthy();
  const archived = screen.getByText("Archived (1)").closest("details");
  if (archived === null) throw new Error("nothing to open");
  archived.open = true;
  fireEvent(archived, new Event("toggle"));
  expect(await screen.findByText("Only the last 1 are listed.")).toBeTruthy();
});

it("says that it is loading, then marks the one on the page and what goes on in others", async () => {
  shown({ ...PAGE, hasEvents: false });
  expect(screen.getByRole("status", { name: "Loading your conversations" })).toBeTruthy();
  const current = await screen.findByRole("link", { name: /Boots/ });
  expect(current.getAttribute("aria-current")).toBe("page");
  const other = screen.getByRole("link", { name: /Lamp/ });
  expect(other.textContent).toBe("LampBob is working, open elsewhere");
  expect(screen.queryByRole("status", { name: "Loading your conversations" })).toBeNull();
});

it("goes where it is told, and says so", async () => {
  const { router, onGo } = shown();
  fireEvent.click(await screen.findByRole("link", { name: /Lamp/ }));
  expect(router.route()).toEqual({ page: "session", sessionId: "session-2" });
  fireEvent.click(screen.getByRole("button", { name: "New" }));
  expect(router.route()).toEqual({ page: "new" });
  expect(onGo).toHaveBeenCalledTimes(2);
});

it("says what an empty list is for", async () => {
  shelf.sessions = [];
  shown({ ...PAGE, hasEvents: false });
  expect(await screen.findByText(/Nothing here yet/)).toBeTruthy();
});

it("says that it cannot be loaded, and tries again when asked", async () => {
  shelf.isAway = true;
  shown({ ...PAGE, hasEvents: false });
  const again = await screen.findByRole("button", { name: "Try again" });
  shelf.isAway = false;
  fireEvent.click(again);
  expect(await screen.findByRole("link", { name: /Lamp/ })).toBeTruthy();
});

it("names the one on the page in place: Enter keeps, Escape does not", async () => {
  const { rename } = shown();
  const link = await screen.findByRole("link", { name: /Boots/ });
  fireEvent.keyDown(link, { key: "F2" });
  const field = screen.getByRole("textbox", { name: "Title" });
  expect(document.activeElement).toBe(field);
  fireEvent.change(field, { target: { value: "  Winter boots " } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(rename).toHaveBeenCalledExactlyOnceWith("Winter boots");
  fireEvent.keyDown(screen.getByRole("link", { name: /Boots/ }), { key: "F2" });
  fireEvent.change(screen.getByRole("textbox", { name: "Title" }), { target: { value: "Other" } });
  fireEvent.keyDown(screen.getByRole("textbox", { name: "Title" }), { key: "Escape" });
  expect(screen.queryByRole("textbox")).toBeNull();
  expect(rename).toHaveBeenCalledTimes(1);
});

it("keeps the old title when nothing is left of the new one", async () => {
  const { rename } = shown();
  fireEvent.keyDown(await screen.findByRole("link", { name: /Boots/ }), { key: "F2" });
  fireEvent.change(screen.getByRole("textbox", { name: "Title" }), { target: { value: "  " } });
  fireEvent.blur(screen.getByRole("textbox", { name: "Title" }));
  expect(screen.queryByRole("textbox")).toBeNull();
  expect(rename).not.toHaveBeenCalled();
});

it("puts one away, says so, and brings it back", async () => {
  const { router } = shown();
  await choose("Lamp", "Archive");
  const undo = await screen.findByRole("button", { name: "Undo: bring Lamp back" });
  expect(screen.getByText("Lamp is archived.")).toBeTruthy();
  await waitFor(() => {
    expect(screen.queryByRole("link", { name: /Lamp/ })).toBeNull();
    expect(shelf.put).toHaveLength(1);
  });
  expect(router.route()).toEqual({ page: "session", sessionId: "session-1" });
  fireEvent.click(undo);
  expect(await screen.findByRole("link", { name: /Lamp/ })).toBeTruthy();
  expect(shelf.put).toEqual([]);
});

it("leaves the one on the page for a new one when it is put away", async () => {
  const { router } = shown();
  await choose("Boots", "Archive");
  expect(router.route()).toEqual({ page: "new" });
});

it("shows what was put away when asked, and brings it back", async () => {
  shelf.put = [{ id: "session-3", title: "Old chair", last_at: 1 }];
  shown();
  const summary = await screen.findByText("Archived (1)");
  const details = summary.closest("details");
  if (details === null) throw new Error("There is nothing to open.");
  details.open = true;
  fireEvent(details, new Event("toggle"));
  fireEvent.click(await within(details).findByRole("button", { name: "Bring Old chair back" }));
  expect(await screen.findByRole("button", { name: "More for Old chair" })).toBeTruthy();
  expect(shelf.sessions).toHaveLength(3);
});

it("says why something could not be done", async () => {
  shown();
  await screen.findByRole("link", { name: /Lamp/ });
  shelf.sessions.pop();
  await choose("Lamp", "Archive");
  expect((await screen.findByRole("alert")).textContent).toBe("There is no such session.");
});
