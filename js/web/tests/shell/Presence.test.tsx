import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { Presence } from "../../src/shell/Presence.js";

afterEach(cleanup);

it("names the devices and marks this one", () => {
  render(
    <Presence
      devices={[
        { device: "d1", name: "Ann", connections: 2 },
        { device: "d2", name: "Ann" },
        { device: "d3", name: "Ben" },
      ]}
      own="d1"
      me="Ann"
      isGuest={false}
    />,
  );
  fireEvent.click(screen.getByRole("button", { name: "Open on 3 devices" }));
  expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
    "This device2 tabs",
    "Another device",
    "Ben",
  ]);
});

it("says so when nobody else is there, also before that is known", () => {
  render(<Presence devices={[]} own="d1" me="Guest" isGuest />);
  fireEvent.click(screen.getByRole("button", { name: "Open on 1 device: this one" }));
  expect(screen.getByText(/With an account/)).toBeTruthy();
});
