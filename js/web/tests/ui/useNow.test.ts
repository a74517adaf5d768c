import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { useNow } from "../../src/ui/useNow.js";

it("goes on with the clock, and no longer than it is shown", () => {
  vi.useFakeTimers({ now: 1_000 });
  const hook = renderHook(() => useNow(500));
  expect(hook.result.current).toBe(1_000);
  act(() => void vi.advanceTimersByTime(1_200));
  expect(hook.result.current).toBe(2_000);
  hook.unmount();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
