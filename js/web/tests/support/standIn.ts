/** A server's HTTP side as the page's tests need it: people, one cookie for all tabs, and the power to be away. */

import type { About, Me } from "../../src/identity/api.js";
import type { Channel, IdentityPorts } from "../../src/identity/identity.js";
import { Api } from "../../src/identity/api.js";
import { DeviceMemory } from "../../src/app/deviceMemory.js";

export const ABOUT: About = {
  name: "Shipanion",
  version: "1",
  guests: true,
  sign_up: true,
  carrier: { name: "ratecard", real: false },
};

const HOUR = 3_600_000;

/** `cookie` is what the browser holds; `requests` what was asked, as `METHOD /path`. */
export class StandIn {
  about: About = ABOUT;
  /** `away`: nothing answers; `ill`: everything is answered 503. */
  health: "well" | "away" | "ill" = "well";
  cookie: Me | undefined;
  isCookieGood = true;
  /** Whoever runs the server has shut the account that the cookie is for. */
  isShut = false;
  now = 1_000_000;
  readonly requests: string[] = [];
  readonly #accounts = new Map<string, { readonly me: Me; readonly password: string }>();
  #guests = 0;
  #tickets = 0;

  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const path = new URL(typeof input === "string" ? input : input instanceof URL ? input.href : input.url, "http://x")
      .pathname;
    const method = init.method ?? "GET";
    this.requests.push(`${method} ${path}`);
    await Promise.resolve();
    if (this.health === "away") throw new TypeError("Failed to fetch");
    if (this.health === "ill") return new Response("<h1>Bad gateway</h1>", { status: 503 });
    const form = init.body instanceof URLSearchParams ? init.body : new URLSearchParams();
    return this.#answer(`${method} ${path}`, form.get("username") ?? "", form.get("password") ?? "");
  };

  account(name: string, password: string): Me {
    const me: Me = { user_id: `user-${name}`, name, kind: "account", expires_at: this.now + 12 * HOUR };
    this.#accounts.set(name, { me, password });
    return me;
  }

  /** The sign-in ended, by a clock or from elsewhere. */
  expire(): void {
    this.isCookieGood = false;
  }

  #answer(request: string, username: string, password: string): Response {
    const me = this.isCookieGood ? this.cookie : undefined;
    if (this.isShut && request !== "GET /api/about") return refuse(403, "forbidden");
    switch (request) {
      case "GET /api/about":
        return json(200, { ...this.about, cookie: this.cookie !== undefined });
      case "GET /api/me":
        return me === undefined ? refuse(401, this.cookie === undefined ? "sign_in" : "expired") : json(200, me);
      case "POST /api/guest": {
        if (!this.about.guests) return refuse(403, "forbidden");
        this.#guests += 1;
        const guest: Me = {
          user_id: `guest-${this.#guests}`,
          name: "Guest",
          kind: "guest",
          expires_at: this.now + 720 * HOUR,
        };
        return this.#give(me?.kind === "guest" ? me : guest);
      }
      case "POST /api/sign-in": {
        const found = this.#accounts.get(username);
        return found?.password === password
          ? this.#give(found.me)
          : refuse(401, "sign_in", "The name or the password is wrong.");
      }
      case "POST /api/account": {
        if (me?.kind !== "guest") return refuse(403, "forbidden");
        if (this.#accounts.has(username)) return refuse(409, "conflict", "That name is taken.");
        this.#accounts.set(username, { me: { ...me, name: username, kind: "account" }, password });
        return this.#give({ ...me, name: username, kind: "account" });
      }
      case "POST /api/sign-out":
        if (me === undefined) return refuse(401, "sign_in");
        this.cookie = undefined;
        return new Response(null, { status: 204 });
      case "POST /api/ticket":
        this.#tickets += 1;
        return me === undefined
          ? refuse(401, "expired")
          : json(200, { ticket: `${me.user_id}/${this.#tickets}`, expires_in: 60 });
      case "GET /api/sessions":
        return json(200, { sessions: [], archived: 0 });
      default:
        return refuse(404, "not_found");
    }
  }

  #give(me: Me): Response {
    this.cookie = me;
    this.isCookieGood = true;
    return json(200, me);
  }
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

function refuse(status: number, code: string, message = "No."): Response {
  return json(status, { error: { code, message } });
}

/** `localStorage` without a browser. */
export function memoryOf(kept: Map<string, string> = new Map<string, string>()): DeviceMemory {
  return new DeviceMemory({
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  });
}

/** Tabs of one browser: what one posts, the others hear. */
export class Tabs {
  readonly #channels: Channel[] = [];

  open(): Channel {
    const channel: Channel = {
      onmessage: null,
      postMessage: (data: unknown) => {
        for (const other of this.#channels) {
          if (other !== channel)
            other.onmessage?.call(other as BroadcastChannel, new MessageEvent("message", { data }));
        }
      },
    };
    this.#channels.push(channel);
    return channel;
  }
}

/** Timers that fire when they are told to. */
export class HandTimers {
  readonly #waiting = new Map<number, { readonly callback: () => void; readonly ms: number }>();
  #last = 0;

  set = (callback: () => void, ms: number): number => {
    this.#last += 1;
    this.#waiting.set(this.#last, { callback, ms });
    return this.#last;
  };

  clear = (timer: unknown): void => {
    this.#waiting.delete(timer as number);
  };

  /** How long each has to wait. */
  get waits(): number[] {
    return [...this.#waiting.values()].map(({ ms }) => ms);
  }

  /** The time of all of them has come. */
  fire(): void {
    const due = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { callback } of due) callback();
  }
}

export interface Setting {
  readonly server: StandIn;
  readonly timers: HandTimers;
  readonly forgotten: string[];
  readonly ports: IdentityPorts;
}

/** What an identity needs, with a stand-in for everything outside. */
export function setting(server = new StandIn(), memory = memoryOf(), channel?: Channel): Setting {
  const timers = new HandTimers();
  const forgotten: string[] = [];
  const ports: IdentityPorts = {
    api: new Api(server.fetch),
    memory,
    ...(channel === undefined ? {} : { channel }),
    forget: (user) => {
      forgotten.push(user);
      return Promise.resolve();
    },
    now: () => server.now,
    setTimer: timers.set,
    clearTimer: timers.clear,
  };
  return { server, timers, forgotten, ports };
}
