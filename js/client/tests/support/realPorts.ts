/** Ports made of what Node has: a real WebSocket, real timers, real dice. */

import { randomUUID } from "node:crypto";
import type { ClientStorage, Ports } from "../../src/ports.js";

/** @param url the server's, e.g. `http://127.0.0.1:8000` */
export function realPorts(url: string, storage: ClientStorage): Ports {
  return {
    storage,
    now: () => performance.now(),
    random: () => Math.random(),
    newId: () => randomUUID(),
    timers: {
      set: (callback, ms) => setTimeout(callback, ms),
      clear: (timer) => {
        clearTimeout(timer as NodeJS.Timeout | undefined);
      },
    },
    transport: {
      open: (query, heard) => {
        const address = new URL("/ws", url.replace(/^http/, "ws"));
        for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
        const socket = new WebSocket(address, "shipanion.v1");
        socket.onopen = () => {
          wasOpen = true;
          heard.opened();
        };
        socket.onmessage = ({ data }) => {
          heard.received(data as string);
        };
        // A line that could not be opened is on some platforms an error and never a close; it is told once.
        let wasOpen = false;
        let isOver = false;
        const over = (code: number): void => {
          if (!isOver) heard.closed(code);
          isOver = true;
        };
        socket.onclose = ({ code }) => {
          over(code);
        };
        socket.onerror = () => {
          if (!wasOpen) over(1006);
        };
        return {
          send: (text) => {
            if (socket.readyState === WebSocket.OPEN) socket.send(text);
          },
          close: (code, reason) => {
            socket.close(code, reason);
          },
        };
      },
    },
  };
}
