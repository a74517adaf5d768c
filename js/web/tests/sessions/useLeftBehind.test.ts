import type { LeftBehind } from "@shipanion/client";
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useLeftBehind } from "../../src/sessions/useLeftBehind.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** An outbox of tabs that are gone; `deliver` waits until the test lets it. */
function outbox(...found: LeftBehind[]) {
  let kept: readonly LeftBehind[] = found;
  let begun = 0;
  let end: () => void = () => undefined;
  const delivery = {
    find: () => Promise.resolve(kept),
    deliver: () => {
      begun += 1;
      return new Promise<void>((resolve) => {
        end = () => {
          kept = [];
          resolve();
        };
      });
    },
  };
  return {
    delivery,
    begun: () => begun,
    sent: () => {
      end();
    },
  };
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

it("shows what is left, sends it, and shows that it is gone", async () => {
  const { delivery, sent } = outbox({ sessionId: "session-1", count: 2 });
  const { result } = renderHook(() => useLeftBehind("ann", 1, true, delivery));
  expect(result.current).toEqual([]);
  await pass(500);
  expect(result.current).toEqual([{ sessionId: "session-1", count: 2 }]);
  sent();
  await pass(0);
  expect(result.current).toEqual([]);
});

it("sends once at a time, and again when there is a reason", async () => {
  const { delivery, begun, sent } = outbox({ newKey: "key-1", count: 1 });
  const { rerender } = renderHook(({ again }) => useLeftBehind("ben", again, true, delivery), {
    initialProps: { again: 1 },
  });
  await pass(500);
  rerender({ again: 2 });
  await pass(500);
  expect(begun()).toBe(1);
  sent();
  await pass(0);
  rerender({ again: 3 });
  await pass(500);
  expect(begun()).toBe(2);
  sent();
  await pass(0);
});

it("only shows it while there is no connection, and sends it with the next", async () => {
  const { delivery, begun, sent } = outbox({ newKey: "key-1", count: 1 });
  const { result, rerender } = renderHook(({ isConnected }) => useLeftBehind("cat", 1, isConnected, delivery), {
    initialProps: { isConnected: false },
  });
  await pass(30_000);
  expect(result.current).toHaveLength(1);
  expect(begun()).toBe(0);
  rerender({ isConnected: true });
  await pass(500);
  expect(begun()).toBe(1);
  sent();
  await pass(0);
});

it("goes on without a list where nothing can be kept", async () => {
  const broken = {
    find: () => Promise.reject(new Error("no IndexedDB")),
    deliver: () => Promise.reject(new Error("no")),
  };
  const { result } = renderHook(() => useLeftBehind("eve", 1, true, broken));
  await pass(20_000);
  expect(result.current).toEqual([]);
});
