import { expect, it } from "vitest";
import { PlainSocket, userOf } from "../../src/browser/plainSocket.js";

// What it does is tried by tests/react/useWebSocket.test.ts, with a real server.

const token = (claims: object): string =>
  ["x", btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""), "y"].join(".");

it("knows whom a token is for", () => {
  expect(userOf(token({ sub: "user-1" }))).toBe("user-1");
});

it.each([undefined, "", "opaque", "a.b.c", token({}), token({ sub: 7 }), token([])])(
  "does not guess from %s",
  (said) => {
    expect(userOf(said)).toBeUndefined();
  },
);

it("is the same object until something changes, and does nothing by itself", () => {
  const socket = new PlainSocket({ sessionId: "s" });
  expect(socket.snapshot()).toBe(socket.snapshot());
  expect(socket.snapshot()).toMatchObject({ isConnected: false, sessionId: "s", lastMessage: null });
  socket.disconnect();
  expect(socket.snapshot()).toMatchObject({ isConnected: false, error: null });
});
