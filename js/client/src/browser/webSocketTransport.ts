/** Lines to the server over the browser's WebSocket. Where no token is given, the browser's cookie is the credential. */

import type { Transport } from "../ports.js";

const ABNORMAL = 1006;

/**
 * @param url the server's address, with any of the schemes http, https, ws and wss; its path is not used
 * @param heard is given every text frame that comes, before the session is
 */
export function webSocketTransport(url: () => string, heard?: (text: string) => void): Transport {
  return {
    open: (query, events) => {
      let isOver = false;
      // A line that cannot be opened is on some platforms an error and never a close; it is told once.
      const over = (code: number): void => {
        if (isOver) return;
        isOver = true;
        events.closed(code);
      };
      let socket: WebSocket;
      try {
        socket = new WebSocket(address(url(), query), "shipanion.v1");
      } catch {
        // The caller does not have the line yet, so it hears of it a moment later.
        queueMicrotask(() => {
          over(ABNORMAL);
        });
        return { send: () => undefined, close: () => (isOver = true) };
      }
      let wasOpen = false;
      socket.onopen = () => {
        wasOpen = true;
        if (!isOver) events.opened();
      };
      socket.onmessage = ({ data }) => {
        if (isOver) return;
        if (typeof data === "string") {
          heard?.(data);
          events.received(data);
        } else {
          // No frame of the protocol is binary: whoever sends one is not to be trusted, and is left.
          over(ABNORMAL);
          socket.close(4000, "binary");
        }
      };
      socket.onclose = ({ code }) => {
        over(code);
      };
      socket.onerror = () => {
        if (!wasOpen) over(ABNORMAL);
      };
      return {
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        close: (code, reason) => {
          isOver = true;
          socket.close(code, reason);
        },
      };
    },
  };
}

/** The address of `/ws` on the server of `url`. */
export function address(url: string, query: { readonly [name: string]: string | number }): string {
  const found = new URL("/ws", url);
  found.protocol = found.protocol === "https:" || found.protocol === "wss:" ? "wss:" : "ws:";
  for (const [name, value] of Object.entries(query)) found.searchParams.set(name, String(value));
  return found.href;
}
