/** A browser's Web Locks, as far as they are used: exclusive, in the order of asking, let go when a tab dies. */

import type { LockChoice, Locks } from "../../src/browser/locks.js";

interface Request {
  readonly tab: TabLocks;
  grant(): void;
}

export class LockManager {
  readonly queues = new Map<string, Request[]>();

  /** The locks as one tab sees them. */
  tab(): TabLocks {
    return new TabLocks(this);
  }

  /** Whoever is first in line has the lock. */
  enter(name: string, request: Request): void {
    const queue = this.queues.get(name) ?? [];
    this.queues.set(name, queue);
    queue.push(request);
    if (queue[0] === request) request.grant();
  }

  leave(name: string, request: Request): void {
    const queue = this.queues.get(name) ?? [];
    const at = queue.indexOf(request);
    if (at < 0) return;
    queue.splice(at, 1);
    if (at === 0) queue[0]?.grant();
  }
}

export class TabLocks implements Locks {
  isDead = false;

  constructor(readonly manager: LockManager) {}

  async request<T>(name: string, options: LockChoice, callback: (lock: unknown) => Promise<T> | T): Promise<T> {
    await Promise.resolve();
    if (this.isDead) return await never();
    const queue = this.manager.queues.get(name) ?? [];
    if (options.ifAvailable === true && queue.length > 0) return await callback(null);
    return await new Promise<T>((resolve, reject) => {
      const request: Request = {
        tab: this,
        grant: () => {
          options.signal?.removeEventListener("abort", abort);
          void Promise.resolve()
            .then(() => (this.isDead ? never<T>() : callback({ name })))
            .then(resolve, reject)
            .finally(() => {
              this.manager.leave(name, request);
            });
        },
      };
      const abort = (): void => {
        this.manager.leave(name, request);
        reject(new DOMException("The wait was given up.", "AbortError"));
      };
      if (options.signal?.aborted === true) {
        abort();
        return;
      }
      options.signal?.addEventListener("abort", abort);
      this.manager.enter(name, request);
    });
  }

  /** The tab is gone: what it held is free, and what it waited for it does not get. */
  die(): void {
    this.isDead = true;
    for (const [name, queue] of this.manager.queues) {
      for (const request of queue.filter(({ tab }) => tab === this).reverse()) this.manager.leave(name, request);
    }
  }
}

/** What a dead tab waits for. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}
