/** A person's sessions as the server lists them, kept fresh while the page is visible. */

import type { JsonObject } from "../json.js";
import { openSession } from "./openSession.js";

const EVERY_MS = 15_000;

export interface SessionRow {
  readonly id: string;
  readonly title?: string;
  /** Milliseconds since 1970. */
  readonly last_at: number;
  /** The offset of its last event. */
  readonly head: number;
  readonly archived?: boolean;
  /** Connections now. */
  readonly devices?: number;
  /** Bob is answering there. */
  readonly working?: boolean;
}

/** Why the list could not be had: `code` is of the protocol's table, or `network`. */
export interface ListError {
  readonly code: string;
  readonly message: string;
}

export interface SessionsSnapshot {
  /** Undefined before the first answer. */
  readonly sessions: readonly SessionRow[] | undefined;
  /** There are others, used longer ago, that the server does not list. */
  readonly hasMore: boolean;
  readonly archivedCount: number;
  /** Of the last try; what was listed before stays. */
  readonly error: ListError | undefined;
}

export interface SessionsOptions {
  readonly user: string;
  readonly url?: string | undefined;
  /** The credential; without it the browser's cookie is. */
  readonly token?: string | undefined;
  /** List the archived ones instead. */
  readonly archived?: boolean | undefined;
  readonly fetch?: typeof fetch | undefined;
}

export class SessionList {
  readonly #options: SessionsOptions;
  readonly #subscribers = new Set<() => void>();
  #shown: SessionsSnapshot = { sessions: undefined, hasMore: false, archivedCount: 0, error: undefined };
  #asked = 0;
  #told = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  };

  snapshot = (): SessionsSnapshot => this.#shown;

  /** Ask now, then every 15 s and whenever the person comes back to the page. Returns how to end that. */
  follow(): () => void {
    const look = (): void => {
      if (document.visibilityState === "visible") void this.refresh();
    };
    const timer = setInterval(look, EVERY_MS);
    window.addEventListener("focus", look);
    window.addEventListener("online", look);
    document.addEventListener("visibilitychange", look);
    void this.refresh();
    return () => {
      clearInterval(timer);
      window.removeEventListener("focus", look);
      window.removeEventListener("online", look);
      document.removeEventListener("visibilitychange", look);
    };
  }

  /** Ask the server now. Resolves when there is an answer, also when it is an error. */
  refresh = async (): Promise<void> => {
    const number = (this.#asked += 1);
    let shown: SessionsSnapshot;
    try {
      const archived = this.#options.archived === true ? "true" : "false";
      const body = await this.#call(`/api/sessions?archived=${archived}`, "GET");
      const {
        sessions,
        more: hasMore = false,
        archived: archivedCount = 0,
      } = body as unknown as {
        sessions: SessionRow[];
        more?: boolean;
        archived?: number;
      };
      shown = { sessions, hasMore, archivedCount, error: undefined };
    } catch (error) {
      shown = { ...this.#shown, error: saidBy(error) };
    }
    // An answer that was overtaken by a later one is old.
    if (number < this.#told) return;
    this.#told = number;
    this.#show(shown);
  };

  /** Give a session a title. Shown at once; resolves when it is committed. Throws as `Session.update`. */
  async rename(id: string, title: string): Promise<void> {
    this.#change(id, (row) => [{ ...row, title }]);
    const { user, url, token } = this.#options;
    const open = openSession({ user, sessionId: id, url, token, attend: false });
    try {
      await open.session.update({ title });
    } finally {
      await open.close();
      await this.refresh();
    }
  }

  /** @throws {Error} the server refused, with its sentence */
  async archive(id: string): Promise<void> {
    await this.#move(id, "archive");
  }

  /** @throws {Error} the server refused, with its sentence */
  async unarchive(id: string): Promise<void> {
    await this.#move(id, "unarchive");
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  async #move(id: string, how: "archive" | "unarchive"): Promise<void> {
    this.#change(id, () => []);
    try {
      await this.#call(`/api/sessions/${encodeURIComponent(id)}/${how}`, "POST");
    } finally {
      await this.refresh();
    }
  }

  async #call(path: string, method: string): Promise<JsonObject> {
    const { url, token, fetch: fetching = fetch } = this.#options;
    const answer = await fetching(new URL(path, url ?? location.origin), {
      method,
      credentials: "same-origin",
      ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
    });
    const body = answer.status === 204 ? {} : ((await answer.json()) as JsonObject);
    if (!answer.ok) throw new Refusal(body.error as unknown as ListError | undefined);
    return body;
  }

  #change(id: string, change: (row: SessionRow) => SessionRow[]): void {
    const sessions = this.#shown.sessions?.flatMap((row) => (row.id === id ? change(row) : [row]));
    this.#show({ ...this.#shown, sessions });
  }

  #show(shown: SessionsSnapshot): void {
    this.#shown = shown;
    for (const subscriber of [...this.#subscribers]) subscriber();
  }
}

class Refusal extends Error {
  readonly code: string;

  constructor(said: ListError | undefined) {
    super(said?.message ?? "The server refused.");
    this.code = said?.code ?? "internal";
  }
}

function saidBy(error: unknown): ListError {
  if (error instanceof Refusal) return { code: error.code, message: error.message };
  return { code: "network", message: "The server cannot be reached." };
}
