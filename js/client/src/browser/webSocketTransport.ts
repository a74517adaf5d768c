/** Lines to the server over the browser's WebSocket. Where no token is given, the browser's cookie is the credential. */

import type { Query } from "../clientOutputs.js";
import type { Line, LineEvents, Transport } from "../ports.js";

const ABNORMAL = 1006;

/**
 * A browser whose cookie has run out sends none, and the server then waits for a `hello`, longer than the client for its
 * welcome. After this long without a word from either side it is told that there is none, so that it asks for a sign-in.
 */
const UNGREETED_MS = 3_000;

/** What else hears of the lines. */
export interface Taps {
  readonly opening?: () => void;
  readonly heard?: (text: string) => void;
}

export class WebSocketTransport implements Transport {
  readonly #url: () => string;
  readonly #taps: Taps;
  readonly #drops = new Set<() => void>();

  /** @param url gives the server's address, with any of the schemes http, https, ws and wss; its path is not used */
  constructor(url: () => string, taps: Taps = {}) {
    this.#url = url;
    this.#taps = taps;
  }

  open(query: Query, events: LineEvents): Line {
    this.#taps.opening?.();
    let isOver = false;
    let ungreeted: ReturnType<typeof setTimeout> | undefined;
    // A line that cannot be opened is on some platforms an error and never a close; it is told once.
    const over = (code: number): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(ungreeted);
      this.#drops.delete(drop);
      events.closed(code);
    };
    let socket: WebSocket;
    const drop = (reason = "asleep"): void => {
      over(ABNORMAL);
      socket.close(4000, reason);
    };
    try {
      socket = new WebSocket(address(this.#url(), query), "shipanion.v1");
    } catch {
      // Whoever opens it does not hold the line yet, so it is told a moment later.
      queueMicrotask(() => {
        over(ABNORMAL);
      });
      return { send: () => undefined, close: () => (isOver = true) };
    }
    this.#drops.add(drop);
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      if (isOver) return;
      ungreeted = setTimeout(() => {
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "hello" }));
      }, UNGREETED_MS);
      events.opened();
    };
    socket.onmessage = ({ data }) => {
      clearTimeout(ungreeted);
      if (isOver) return;
      // No frame of the protocol is binary: whoever sends one is not to be trusted, and is left.
      if (typeof data !== "string") {
        drop("binary");
        return;
      }
      this.#taps.heard?.(data);
      events.received(data);
    };
    socket.onclose = ({ code }) => {
      over(code);
    };
    socket.onerror = () => {
      if (!wasOpen) over(ABNORMAL);
    };
    return {
      send: (text) => {
        clearTimeout(ungreeted);
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: (code, reason) => {
        isOver = true;
        this.#drops.delete(drop);
        socket.close(code, reason);
      },
    };
  }

  /** Give up every open line as one that broke: a page with an open line is not kept for the way back to it. */
  drop(): void {
    for (const drop of [...this.#drops]) drop();
  }
}

/** The address of `/ws` on the server of `url`. */
export function address(url: string, query: Query): string {
  const found = new URL("/ws", url);
  found.protocol = found.protocol === "https:" || found.protocol === "wss:" ? "wss:" : "ws:";
  for (const [name, value] of Object.entries(query)) found.searchParams.set(name, String(value));
  return found.href;
}
