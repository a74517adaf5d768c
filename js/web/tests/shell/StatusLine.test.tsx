import type { Banner } from "@shipanion/client";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StatusLine } from "../../src/shell/StatusLine.js";
import { Announcer } from "../../src/ui/Announcer.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const BANNERS = {
  connecting: { out: "banner", status: "connecting" },
  live: { out: "banner", status: "live" },
  lost: { out: "banner", status: "reconnecting", attempt: 1, at: 3_000 },
  lostAgain: { out: "banner", status: "reconnecting", attempt: 2, at: 9_000 },
  back: { out: "banner", status: "resumed", replayed: 2 },
} as const satisfies Record<string, Banner>;

function line() {
  const onAction = vi.fn();
  const at = (banner: Banner) => (
    <Announcer>
      <StatusLine banner={banner} unsent={0} onAction={onAction} />
    </Announcer>
  );
  const { rerender } = render(at(BANNERS.connecting));
  const show = (banner: Banner) => {
    rerender(at(banner));
  };
  const said = () => screen.getByRole("status").textContent;
  return { show, said, onAction };
}

function pass(ms: number): void {
  act(() => {
    vi.advanceTimersByTime(ms);
  });
}

it("counts down to the next try, then says that it is on", () => {
  vi.spyOn(performance, "now").mockImplementation(() => Date.now() - 1_000_000);
  vi.setSystemTime(1_000_000);
  const { show } = line();
  show(BANNERS.lost);
  expect(screen.getByText("in 3 s", { exact: false })).toBeTruthy();
  pass(2_000);
  expect(screen.getByText("in 1 s", { exact: false })).toBeTruthy();
  pass(1_000);
  expect(screen.getByText("now…", { exact: false })).toBeTruthy();
  vi.restoreAllMocks();
});

it("is read out once a change, and not at every try", () => {
  const { show, said } = line();
  show(BANNERS.live);
  expect(said()).toBe("");
  show(BANNERS.lost);
  const lost = said();
  expect(lost).toBe("The connection is lost. Reconnecting.");
  show(BANNERS.lostAgain);
  pass(3_000);
  expect(said()).toBe(lost);
  show(BANNERS.back);
  expect(said()).toContain("Back. The 2 things you missed are in.");
});

it("says that it is live again where nothing else says so", () => {
  const { show, said } = line();
  show(BANNERS.lost);
  show(BANNERS.live);
  expect(said()).toContain("Live again.");
});

it("fades to live once it was read", () => {
  const { show } = line();
  show(BANNERS.lost);
  show(BANNERS.back);
  pass(5_000);
  expect(screen.queryByText("Live")).toBeNull();
  pass(2_000);
  expect(screen.getByText("Live")).toBeTruthy();
});

it("offers what can be done", () => {
  const { show, onAction } = line();
  show(BANNERS.lost);
  fireEvent.click(screen.getByRole("button", { name: "Try now" }));
  expect(onAction).toHaveBeenCalledExactlyOnceWith("try_now");
});
