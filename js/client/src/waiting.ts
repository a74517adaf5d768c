/** Who waits for what: promises by id, settled when the answer is in. */

interface Waiter<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Several callers may wait for the same answer; nobody waiting means nothing is kept. */
export class Waiting<T> {
  readonly #waiters = new Map<string, Waiter<T>>();

  has(id: string): boolean {
    return this.#waiters.has(id);
  }

  /** The answer, once it is there. Call this before the answer can come. */
  answer(id: string): Promise<T> {
    const waiter = this.#waiters.get(id) ?? newWaiter<T>();
    this.#waiters.set(id, waiter);
    return waiter.promise;
  }

  /** The answer is in. */
  resolve(id: string, value: T): void {
    this.#take(id)?.resolve(value);
  }

  /** There will be no answer. */
  reject(id: string, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  /** There will be no answers. */
  rejectAll(error: unknown): void {
    for (const id of [...this.#waiters.keys()]) this.reject(id, error);
  }

  #take(id: string): Waiter<T> | undefined {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    return waiter;
  }
}

function newWaiter<T>(): Waiter<T> {
  const made: Partial<Waiter<T>> = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }));
  return Object.assign(made, { promise }) as Waiter<T>;
}
