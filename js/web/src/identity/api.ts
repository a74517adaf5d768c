/** The server's HTTP side as the page uses it: who is here, and how they come and go. */

/** What the server is and allows. `carrier.real` false: practice mode, with estimates and sample labels. */
export interface About {
  readonly name: string;
  readonly version: string;
  readonly guests: boolean;
  readonly sign_up: boolean;
  readonly carrier: { readonly name: string; readonly real: boolean };
  /** Whether the browser brought a cookie of this server along, good or not. */
  readonly cookie?: boolean;
}

/** The person the browser's cookie names; `expires_at` in ms on the server's clock. */
export interface Me {
  readonly user_id: string;
  readonly name: string;
  readonly kind: "guest" | "account";
  readonly expires_at: number;
}

/**
 * What a request came to when it did not come to an answer. `message` is a sentence for a person. `temporary`: the same
 * may work later, and nothing was decided about it.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly code: string,
    message: string,
    readonly temporary: boolean,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

const TIME_MS = 15_000;

const UNREACHABLE = "The server cannot be reached at the moment.";
const TROUBLED = "The server has trouble at the moment.";
const NONSENSE = "The server's answer makes no sense to this page. Reloading it may help.";

type Fetch = typeof globalThis.fetch;

/**
 * Every method throws `ApiError` and nothing else.
 *
 * @param fetch `window.fetch`, or anything like it
 */
export class Api {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  about(): Promise<About> {
    return this.#ask<About>("GET", "/api/about");
  }

  /** Who is here; the code is `sign_in` or `expired` when nobody is. */
  me(): Promise<Me> {
    return this.#ask<Me>("GET", "/api/me");
  }

  signIn(username: string, password: string): Promise<Me> {
    return this.#ask<Me>("POST", "/api/sign-in", { username, password });
  }

  /** Come in as a guest, or stay the one that the cookie names. */
  guest(): Promise<Me> {
    return this.#ask<Me>("POST", "/api/guest");
  }

  /** The guest becomes an account, and stays the same person. */
  makeAccount(username: string, password: string): Promise<Me> {
    return this.#ask<Me>("POST", "/api/account", { username, password });
  }

  /** On all devices. */
  async signOut(): Promise<void> {
    await this.#ask("POST", "/api/sign-out");
  }

  /** A one-time ticket that renews an open connection; renews the cookie when that is due. */
  async ticket(): Promise<string> {
    const { ticket } = await this.#ask<{ ticket?: unknown }>("POST", "/api/ticket");
    if (typeof ticket !== "string") throw new ApiError("malformed", NONSENSE, false);
    return ticket;
  }

  async #ask<Answer>(method: "GET" | "POST", path: string, form?: Record<string, string>): Promise<Answer> {
    let response: Response;
    try {
      response = await this.#fetch(path, {
        method,
        credentials: "same-origin",
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(TIME_MS),
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
      });
    } catch {
      throw new ApiError("unreachable", UNREACHABLE, true);
    }
    const body: unknown = response.status === 204 ? {} : await response.json().catch(() => undefined);
    if (!response.ok) throw refusal(response.status, body);
    if (typeof body !== "object" || body === null) throw new ApiError("malformed", NONSENSE, true);
    return body as Answer;
  }
}

function refusal(status: number, body: unknown): ApiError {
  const said = (body as { error?: { code?: unknown; message?: unknown; retry_after_ms?: unknown } } | undefined)?.error;
  const temporary = status >= 500 || status === 429 || status === 408;
  const code = typeof said?.code === "string" ? said.code : `http_${status}`;
  const message = typeof said?.message === "string" ? said.message : temporary ? TROUBLED : NONSENSE;
  const retryAfterMs = typeof said?.retry_after_ms === "number" ? said.retry_after_ms : undefined;
  return new ApiError(code, message, temporary, retryAfterMs);
}
