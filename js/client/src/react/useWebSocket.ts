/** The continuity guide's hook, over a session that loses nothing. */

import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { PlainSnapshot, PlainSocketOptions } from "../browser/plainSocket.js";
import { PlainSocket } from "../browser/plainSocket.js";
import type { JsonObject } from "../json.js";

export type { PlainSocketOptions };

export interface UsedSocket extends PlainSnapshot {
  readonly sendMessage: (frame: JsonObject) => void;
  readonly connect: () => void;
  readonly disconnect: () => void;
}

/**
 * A socket for as long as the component is there; connected at once. Another `url`, `user` or `sessionId` is another
 * one; the id that the present session got is not, and a changed `token` is a fresh credential for the open one.
 */
export function useWebSocket(options: PlainSocketOptions): UsedSocket {
  const { url, user, sessionId, token, reconnectInterval, maxReconnectAttempts, onReconnect } = options;
  const [kept, keep] = useState(() => ({ socket: new PlainSocket(options), url, user, sessionId }));
  let held = kept;
  const isSame = sessionId === held.sessionId || (sessionId ?? "") === held.socket.snapshot().sessionId;
  if (url !== held.url || user !== held.user || !isSame) {
    held = { socket: new PlainSocket(options), url, user, sessionId };
    keep(held);
  }
  const { socket } = held;
  useEffect(() => {
    socket.options = { ...socket.options, reconnectInterval, maxReconnectAttempts, onReconnect };
  }, [socket, reconnectInterval, maxReconnectAttempts, onReconnect]);
  const given = useRef(token);
  useEffect(() => {
    if (token !== undefined && token !== given.current) socket.signIn(token);
    given.current = token;
  }, [socket, token]);
  // StrictMode runs this twice: the socket goes only when nobody needs it a moment later.
  const ending = useRef<[PlainSocket, ReturnType<typeof setTimeout>] | undefined>(undefined);
  useEffect(() => {
    if (ending.current?.[0] === socket) clearTimeout(ending.current[1]);
    else socket.connect();
    return () => {
      const timer = setTimeout(() => {
        socket.disconnect();
        if (ending.current?.[0] === socket) ending.current = undefined;
      });
      ending.current = [socket, timer];
    };
  }, [socket]);
  const shown = useSyncExternalStore(socket.subscribe, socket.snapshot, socket.snapshot);
  const { lastMessage } = shown;
  useEffect(() => {
    socket.read(lastMessage);
  }, [socket, lastMessage]);
  return { ...shown, sendMessage: socket.sendMessage, connect: socket.connect, disconnect: socket.disconnect };
}
