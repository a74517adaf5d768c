import { forget } from "@shipanion/client";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { useUnsent } from "../../src/identity/useUnsent.js";
import { emptyBrowser, tabWith } from "../support/unsent.js";

afterEach(async () => {
  cleanup();
  await emptyBrowser();
});

it("counts what one person's tabs have not sent, and sees it go", async () => {
  await tabWith("ann", 1);
  await tabWith("ann", 2);
  await tabWith("bea", 1);
  const { result, rerender } = renderHook<number, { user: string | undefined }>(({ user }) => useUnsent(user), {
    initialProps: { user: "ann" },
  });
  const becomes = (count: number) =>
    waitFor(
      () => {
        expect(result.current).toBe(count);
      },
      { timeout: 5_000 },
    );
  await becomes(3);
  await act(() => forget("ann"));
  await becomes(0);
  rerender({ user: "bea" });
  await becomes(1);
  rerender({ user: undefined });
  expect(result.current).toBe(0);
});
