/** The results of tool calls, for those who wait for them: from events, or from the history where events were skipped. */

import type { Settled } from "./clientOutputs.js";
import { Waiting } from "./waiting.js";
import type { ClientToolResult, HistoryPage, SessionEvent } from "./wire.js";

type ReadHistory = (before?: number) => Promise<HistoryPage>;

export class Results {
  readonly #waiting = new Waiting<ClientToolResult>();
  /** The offset at which each call that somebody waits for was accepted. */
  readonly #accepted = new Map<string, number>();

  constructor(readonly history: ReadHistory) {}

  /** The result of a call, once it is there. Call this before it can come. */
  answer(id: string): Promise<ClientToolResult> {
    return this.#waiting.answer(id);
  }

  /** There will be no result. */
  reject(id: string, error: unknown): void {
    this.#accepted.delete(id);
    this.#waiting.reject(id, error);
  }

  rejectAll(error: unknown): void {
    this.#accepted.clear();
    this.#waiting.rejectAll(error);
  }

  /** The call is committed. If it was before, its result may be behind us already. */
  accepted({ id, offset, duplicate }: Settled): void {
    if (!this.#waiting.has(id)) return;
    this.#accepted.set(id, offset);
    if (duplicate === true) void this.#search(id, offset);
  }

  /** An event, live or from the history, may be a result. */
  look(event: SessionEvent): void {
    if (event.type !== "client_tool_result") return;
    this.#accepted.delete(event.tool_call_id);
    this.#waiting.resolve(event.tool_call_id, event);
  }

  /** A snapshot skipped events: the results may be among them. */
  lookBack(): void {
    for (const [id, offset] of this.#accepted) void this.#search(id, offset);
  }

  async #search(id: string, accepted: number): Promise<void> {
    let before: number | undefined;
    while (this.#waiting.has(id)) {
      let page: HistoryPage;
      try {
        page = await this.history(before);
      } catch {
        return; // whoever waits is told the same by the session's end, or gets the result as an event
      }
      page.events.forEach((event) => {
        this.look(event);
      });
      before = page.events[0]?.offset;
      if (before === undefined || !page.more || before <= accepted) return;
    }
  }
}
