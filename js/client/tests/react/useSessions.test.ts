import "../support/page.js";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { useSessions } from "../../src/react/useSessions.js";

afterEach(() => {
  cleanup();
});

it("lists the sessions of the person who is there now", async () => {
  const asked: string[] = [];
  const fetching = vi.fn<typeof fetch>((url, options) => {
    asked.push(`${options?.method ?? "GET"} ${(url as URL).href} ${JSON.stringify(options?.headers ?? {})}`);
    return Promise.resolve(Response.json({ sessions: [{ id: "s", last_at: 1, head: 2 }], archived: 4 }));
  });
  const { result, rerender } = renderHook(
    ({ token }) => useSessions({ user: "ann", url: "http://h", token, fetch: fetching }),
    { initialProps: { token: "a" }, wrapper: StrictMode },
  );
  expect(result.current.sessions).toBeUndefined();
  await waitFor(() => {
    expect(result.current).toMatchObject({ sessions: [{ id: "s" }], archivedCount: 4, error: undefined });
  });
  rerender({ token: "b" });
  await waitFor(() => {
    expect(asked.at(-1)).toBe('GET http://h/api/sessions?archived=false {"Authorization":"Bearer b"}');
  });
  await act(async () => {
    await result.current.archive("a/b");
  });
  expect(asked.at(-2)).toMatch(/^POST http:\/\/h\/api\/sessions\/a%2Fb\/archive /);
  await act(async () => {
    await result.current.unarchive("s");
    await result.current.refresh();
  });
  expect(asked.filter((line) => line.startsWith("POST")).length).toBe(2);
});
