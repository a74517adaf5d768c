import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { ErrorBoundary } from "../../src/app/ErrorBoundary.js";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function Broken(): never {
  throw new Error("It cannot be drawn.");
}

it("says that a part broke, and leaves the others alone", () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  render(
    <>
      <ErrorBoundary>
        <Broken />
      </ErrorBoundary>
      <ErrorBoundary>
        <p>The other half</p>
      </ErrorBoundary>
    </>,
  );
  expect(screen.getByRole("alert").textContent).toMatch(/what you wrote are kept/);
  expect(screen.getByRole("button", { name: "Reload the page" })).toBeTruthy();
  expect(screen.getByText("The other half")).toBeTruthy();
  expect(logged).toHaveBeenCalled();
});
