/** A session for a page: the browser's ports around `Session`, and the transcript that goes with it. */

import { known } from "../json.js";
import type { ClientStorage, Ports } from "../ports.js";
import { Session } from "../session.js";
import { Transcript } from "../transcript.js";
import { attend, isLocal } from "./attention.js";
import { BrowserStorage } from "./browserStorage.js";
import { browserDatabase } from "./database.js";
import { deviceId, newId } from "./ids.js";
import type { Channel } from "./indexedStorage.js";
import { browserLocks } from "./locks.js";
import { TIMERS } from "./timers.js";
import { WebSocketTransport } from "./webSocketTransport.js";

export interface OpenOptions {
  /** Whose session: what is kept in this browser is kept for each person apart. */
  readonly user: string;
  /** The session to open; without it a new one. */
  readonly sessionId?: string | undefined;
  /** The key under which a new one is asked for. The same key, or its later session id, opens the same conversation. */
  readonly newKey?: string | undefined;
  /** The credential; without it the browser's cookie is. */
  readonly token?: string | undefined;
  /** The server's address; without it the page's own. */
  readonly url?: string | undefined;
  /** False: nobody looks at it, so nothing that comes was seen. */
  readonly attend?: boolean | undefined;
  /** Is told what goes wrong without harm. */
  readonly warn?: ((what: string, error: unknown) => void) | undefined;
}

export interface OpenSession {
  readonly session: Session;
  readonly transcript: Transcript;
  /** Hang up. What is not decided stays kept, and goes out when the conversation is opened again. */
  readonly close: () => Promise<void>;
}

/** A session that is made and not connected yet; until `connect` nothing of the browser is touched. */
export interface MadeSession extends OpenSession {
  readonly connect: () => void;
}

/** Open a conversation and connect at once. One for each place on the page that shows one; it ends with `close`. */
export function openSession(options: OpenOptions): OpenSession {
  const made = makeSession(options);
  made.connect();
  return made;
}

/** Where a session is made for something other than `openSession`. */
export interface Parts {
  /** Used in place of the browser's database. */
  readonly storage?: ClientStorage;
  /** Is told that a line is being opened. */
  readonly opening?: () => void;
  /** Is given every text frame that comes, before the session is. */
  readonly heard?: (text: string) => void;
}

export function makeSession(options: OpenOptions, parts: Parts = {}): MadeSession {
  const url = (): string => options.url ?? location.origin;
  const warn = options.warn ?? warnOnConsole;
  const kept = new BrowserStorage(() => ({
    database: browserDatabase(),
    locks: browserLocks(),
    channel: channel(),
    user: options.user,
    sessionId: options.sessionId,
    newKey: options.newKey,
    device: deviceId(),
    owner: newId(),
    warn,
  }));
  const transport = new WebSocketTransport(url, parts);
  const ports: Ports = {
    transport,
    storage: parts.storage ?? kept,
    timers: TIMERS,
    now: () => performance.now(),
    random: () => Math.random(),
    newId,
    warn,
  };
  const session = new Session(
    ports,
    known({ user: options.user === "" ? undefined : options.user, token: options.token }),
  );
  const transcript = new Transcript(session, TIMERS);
  let end: (() => void) | undefined;
  return {
    session,
    transcript,
    connect: () => {
      end ??= attend({
        session,
        timers: TIMERS,
        page: { window, document, isOnline: () => navigator.onLine },
        isLocal: isLocal(url()),
        isLookedAt: options.attend !== false,
        slept: () => {
          transport.drop();
        },
        woke: () => {
          void kept.look();
        },
      });
      // How it goes is told by the banner.
      session.connect().catch(() => undefined);
    },
    close: async () => {
      end?.();
      transcript.close();
      await session.close();
      kept.close();
    },
  };
}

function warnOnConsole(what: string, error: unknown): void {
  console.warn(`Shipanion: ${what}`, error);
}

function channel(): Channel | undefined {
  return typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("shipanion");
}
