import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Link, Routing, useRoute } from "../../src/routing/Routing.js";
import { Router } from "../../src/routing/router.js";

beforeEach(() => {
  window.history.replaceState(null, "", "/");
});

afterEach(cleanup);

function Page() {
  return (
    <>
      <p>{useRoute().page}</p>
      <Link to={{ page: "session", sessionId: "session-1" }}>There</Link>
    </>
  );
}

function shown() {
  render(
    <Routing value={new Router(window)}>
      <Page />
    </Routing>,
  );
  return screen.getByRole("link", { name: "There" });
}

it("a link is one for the browser too, and goes there without loading anything", () => {
  const link = shown();
  expect(link.getAttribute("href")).toBe("/s/session-1");
  expect(fireEvent.click(link)).toBe(false);
  expect(screen.getByText("session")).toBeTruthy();
});

it.each([{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { altKey: true }, { button: 1 }])(
  "a click with %j is the browser's",
  (how) => {
    const link = shown();
    link.addEventListener("click", (event) => {
      expect(event.defaultPrevented).toBe(false);
    });
    fireEvent.click(link, how);
    expect(screen.getByText("home")).toBeTruthy();
  },
);
