/** Counts the connections that are opened, and those that are open. */

export interface Count {
  opened: () => number;
  open: () => number;
  end: () => void;
}

export function countLines(): Count {
  const real = globalThis.WebSocket;
  const all: WebSocket[] = [];
  globalThis.WebSocket = class extends real {
    constructor(...how: ConstructorParameters<typeof WebSocket>) {
      super(...how);
      all.push(this);
    }
  };
  return {
    opened: () => all.length,
    open: () => all.filter(({ readyState }) => readyState <= real.OPEN).length,
    end: () => {
      globalThis.WebSocket = real;
    },
  };
}
