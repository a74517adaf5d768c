/**
 * A session that belongs to a component. React runs effects twice in StrictMode, and once more whenever it likes; a
 * session can be connected once. So an effect only says that it needs the session, and the session ends when, a moment
 * later, no effect does.
 */

import type { MadeSession } from "../browser/openSession.js";

export class Lease {
  #needs = 0;
  #ending: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(readonly open: MadeSession) {}

  /** It was let go: a new one is needed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Begin to need it, and connect. Returns how to need it no more. */
  need(): () => void {
    clearTimeout(this.#ending);
    this.#needs += 1;
    this.open.connect();
    return () => {
      this.#needs -= 1;
      this.#ending = setTimeout(() => {
        if (this.#needs > 0) return;
        this.#isOver = true;
        void this.open.close();
      });
    };
  }
}
