/**
 * Names that one living tab at a time can hold (Web Locks). A tab that dies lets go of what it held; that is how the
 * others know.
 *
 * Browsers have Web Locks only on pages that were loaded securely. Elsewhere `PageLocks` stands in, which knows this
 * page only: every other tab then looks dead, and what it keeps is sent from here too. Ids make that harmless.
 */

/** The part of the browser's `LockManager` that is used. */
export interface Locks {
  request<T>(name: string, options: LockChoice, callback: (lock: unknown) => Promise<T> | T): Promise<T>;
}

export interface LockChoice {
  readonly ifAvailable?: boolean;
  readonly signal?: AbortSignal;
}

/** Take `name`, which nobody else can have, and keep it. Returns how to let it go. */
export async function hold(locks: Locks, name: string): Promise<() => void> {
  return await new Promise((resolve, reject) => {
    locks
      .request(
        name,
        {},
        () =>
          new Promise<void>((letGo) => {
            resolve(letGo);
          }),
      )
      .catch(reject);
  });
}

export class PageLocks implements Locks {
  readonly #queues = new Map<string, Promise<unknown>>();

  async request<T>(name: string, options: LockChoice, callback: (lock: unknown) => Promise<T> | T): Promise<T> {
    const before = this.#queues.get(name);
    if (options.ifAvailable === true && before !== undefined) return await callback(null);
    const { promise, end } = turn();
    const mine = (before ?? Promise.resolve()).then(() => promise);
    this.#queues.set(name, mine);
    try {
      await orAborted(before, options.signal);
      return await callback({ name });
    } finally {
      end();
      void mine.then(() => {
        if (this.#queues.get(name) === mine) this.#queues.delete(name);
      });
    }
  }
}

function turn(): { promise: Promise<void>; end: () => void } {
  let end = (): void => undefined;
  const promise = new Promise<void>((resolve) => (end = resolve));
  return { promise, end };
}

async function orAborted(before: Promise<unknown> | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (before === undefined) return;
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      reject(new DOMException("The wait was given up.", "AbortError"));
    };
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop);
    void before.then(() => {
      resolve();
    });
  });
}

const PAGE_LOCKS = new PageLocks();

/** The browser's locks, or those of this page where it has none. */
export function browserLocks(): Locks {
  // Missing on pages that were not loaded securely, whatever the types say.
  const found = (globalThis.navigator as { readonly locks?: LockManager } | undefined)?.locks;
  return found ?? PAGE_LOCKS;
}
