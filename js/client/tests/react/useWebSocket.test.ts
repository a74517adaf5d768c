import { emptyBrowser } from "../support/page.js";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { StrictMode, useEffect } from "react";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../src/json.js";
import type { PlainSocketOptions } from "../../src/react/useWebSocket.js";
import { useWebSocket } from "../../src/react/useWebSocket.js";
import { countLines } from "../support/countLines.js";
import { NOT_RUN, ServerProcess } from "../support/serverProcess.js";

const server = new ServerProcess();
const PATIENT = { timeout: 15_000 };
let token = "";

describe.skipIf(NOT_RUN !== undefined)("with a real server", () => {
  beforeAll(async () => {
    await server.start();
  });

  beforeEach(async () => {
    emptyBrowser();
    token = await server.guest();
  });

  afterEach(() => {
    cleanup();
  });

  afterAll(async () => {
    await server.remove();
  });

  function render(options: Partial<PlainSocketOptions> = {}) {
    const frames: JsonObject[] = [];
    const url = `${server.url.replace("http", "ws")}/ws`;
    const view = renderHook(
      (changes: Partial<PlainSocketOptions>) => {
        const used = useWebSocket({ url, token, ...options, ...changes });
        const { lastMessage } = used;
        useEffect(() => {
          if (lastMessage !== null) frames.push(lastMessage);
        }, [lastMessage]);
        return used;
      },
      { initialProps: {}, wrapper: StrictMode },
    );
    return { ...view, frames, now: () => view.result.current };
  }
  const when = async (wanted: () => boolean) => {
    await waitFor(() => {
      if (!wanted()) throw new Error(`It did not come about: ${wanted.toString()}`);
    }, PATIENT);
  };
  const quotes = (from_zip: string, to_zip = "10001"): JsonObject => ({
    type: "client_tool_call",
    client_tool_call: {
      tool_name: "get_shipping_quotes",
      tool_call_id: "abc123",
      parameters: { from_zip, to_zip, weight: 5 },
    },
  });
  const results = (frames: JsonObject[]) =>
    frames.flatMap((frame) => (frame.type === "client_tool_result" ? [frame.tool_call_id] : []));

  it("does what the guide's page does: calls a tool, scrolls, loses the server, comes back to the same step", async () => {
    const onReconnect = vi.fn();
    const { now, frames } = render({ onReconnect });
    await when(() => now().isConnected);
    expect(now()).toMatchObject({ error: null, reconnectAttempts: 0 });
    act(() => {
      now().sendMessage(quotes("90210"));
      now().sendMessage({ type: "device_state", patch: { scrollPosition: 320 } });
    });
    await when(() => now().sessionState?.currentStep === 1);
    expect(results(frames)).toEqual(["abc123"]);
    expect(frames.some(({ type }) => type === "contextual_update")).toBe(true);
    const { sessionId } = now();
    act(() => {
      now().sendMessage({ type: "get_session_state", session_id: sessionId ?? "" });
    });
    await when(() => frames.some(({ type }) => type === "session_state"));
    await when(() => {
      now().sendMessage({ type: "get_session_state" });
      return now().sessionState?.scrollPosition === 320;
    });

    await server.kill();
    await when(() => !now().isConnected);
    act(() => {
      now().sendMessage({ type: "user_message", text: "and how long does it take?" });
    });
    expect(onReconnect).not.toHaveBeenCalled();
    await server.start();
    await when(() => frames.some(({ type, text }) => type === "user_message" && text === "and how long does it take?"));
    await when(() => now().isConnected);
    expect(now()).toMatchObject({ sessionId, isConnected: true, error: null, reconnectAttempts: 0 });
    await when(() => now().sessionState?.currentStep === 1);
    expect(onReconnect).toHaveBeenCalledTimes(1);
  });

  it("uses a tool call's id again for another call, as the guide's example does", async () => {
    const { now, frames } = render();
    act(() => {
      now().sendMessage(quotes("90210"));
      now().sendMessage(quotes("60601"));
    });
    await when(() => results(frames).length === 2);
    act(() => {
      now().sendMessage(quotes("94105"));
    });
    await when(() => results(frames).length === 3);
    expect(results(frames)).toEqual(["abc123", "abc123", "abc123"]);
    expect(frames.filter(({ type }) => type === "error")).toEqual([]);
    await when(() => (now().sessionState?.shipping_details as JsonObject | undefined)?.from === "94105");
  });

  it("tells why a frame was refused, and why there is no connection", async () => {
    const { now, rerender } = render({ token: "no token" });
    await when(() => now().error !== null);
    expect(now().isConnected).toBe(false);
    act(() => {
      now().sendMessage({ type: "user_message", id: "m1", text: "kept" });
    });
    rerender({ token });
    await when(() => now().isConnected && now().error === null);
    act(() => {
      now().sendMessage({ type: "update_state", patch: { current_step: 3 } });
    });
    await when(() => now().error !== null);
    expect(now().isConnected).toBe(true);
  });

  it("keeps a queued message over another token, and over a disconnection by hand", async () => {
    const lines = countLines();
    const { now, rerender, frames } = render();
    await when(() => now().isConnected);
    const renewed = await server.renewed(token);
    expect(renewed).not.toBe(token);
    rerender({ token: renewed });
    await when(() => frames.some(({ type }) => type === "auth_ok"));
    expect(lines.opened()).toBe(1);
    act(() => {
      now().disconnect();
    });
    expect(now().isConnected).toBe(false);
    act(() => {
      now().sendMessage({ type: "user_message", text: "while away" });
    });
    const { sessionId } = now();
    act(() => {
      now().connect();
    });
    await when(() => frames.some(({ type, text }) => type === "user_message" && text === "while away"));
    expect(now().sessionId).toBe(sessionId);
    lines.end();
  });

  it("rests after the tries that it was allowed, and goes on when it is told to", async () => {
    const lines = countLines();
    const { now } = render({ maxReconnectAttempts: 2, reconnectInterval: 20 });
    await when(() => now().isConnected);
    await server.kill();
    await when(() => now().error !== null);
    expect(now().reconnectAttempts).toBe(2);
    expect(lines.opened()).toBe(3);
    act(() => {
      now().sendMessage({ type: "user_message", text: "later" });
    });
    await server.start();
    expect(lines.opened()).toBe(3);
    act(() => {
      now().connect();
    });
    await when(() => now().isConnected);
    expect(now()).toMatchObject({ error: null, reconnectAttempts: 0 });
    lines.end();
  });

  it("keeps nothing beyond the page for nobody", async () => {
    const { now } = render({ token: undefined });
    await when(() => now().error !== null);
    expect(await indexedDB.databases()).toEqual([]);
  });
});
