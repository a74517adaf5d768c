import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Announcer, useAnnounce } from "../../src/ui/Announcer.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function Speaker(): ReactElement {
  const announce = useAnnounce();
  return (
    <button
      onClick={() => {
        announce("Your label is made.");
      }}
    >
      Say it
    </button>
  );
}

it("says a thing, the same thing again in another place, and does not keep it", () => {
  render(
    <Announcer>
      <Speaker />
    </Announcer>,
  );
  const words = () => [...screen.getByRole("status").children].map(({ textContent }) => textContent);
  fireEvent.click(screen.getByRole("button"));
  expect(words()).toEqual(["Your label is made.", ""]);
  fireEvent.click(screen.getByRole("button"));
  expect(words()).toEqual(["", "Your label is made."]);
  act(() => {
    vi.advanceTimersByTime(5_000);
  });
  expect(words()).toEqual(["", ""]);
});
