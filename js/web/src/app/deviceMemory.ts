/**
 * Small things this browser remembers between visits: the theme, who was here, where they were. None of it is needed:
 * where nothing may be stored, the page goes on without.
 */

/** `localStorage`, or anything like it. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const PREFIX = "shipanion/";

export class DeviceMemory {
  readonly #store: Store | undefined;

  constructor(store: Store | undefined) {
    this.#store = store;
  }

  /** What was remembered under `name`; undefined when there is nothing, or nothing that can be read. */
  recall(name: string): unknown {
    try {
      const text = this.#store?.getItem(PREFIX + name) ?? null;
      return text === null ? undefined : (JSON.parse(text) as unknown);
    } catch {
      return undefined;
    }
  }

  /** As `recall`, if it is a text. */
  recallText(name: string): string | undefined {
    const value = this.recall(name);
    return typeof value === "string" ? value : undefined;
  }

  /** Remember a JSON value; `undefined` forgets. */
  remember(name: string, value: unknown): void {
    try {
      if (value === undefined) this.#store?.removeItem(PREFIX + name);
      else this.#store?.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: then it is not remembered.
    }
  }
}

/** The browser's own; touching `localStorage` throws where it is forbidden. */
export function browserMemory(): DeviceMemory {
  try {
    return new DeviceMemory(window.localStorage);
  } catch {
    return new DeviceMemory(undefined);
  }
}
