import type { LeftBehind } from "@shipanion/client";
import { deliverLeftBehind, leftBehind } from "@shipanion/client";
import { useEffect, useState } from "react";

/** Finds what was left behind, and sends it. */
export interface Delivery {
  readonly find: (user: string) => Promise<readonly LeftBehind[]>;
  readonly deliver: (user: string) => Promise<void>;
}

const BROWSER: Delivery = { find: (user) => leftBehind(user), deliver: (user) => deliverLeftBehind(user) };

const LOOK_MS = 10_000;
/** A conversation that was left a moment ago is still being closed. */
const SETTLE_MS = 500;

const NOTHING: readonly LeftBehind[] = [];

/** Who is being delivered for: one at a time is enough. */
const delivering = new Set<string>();

/**
 * What was written in conversations that are not on the page and is not sent yet. It is sent while `isConnected`, what
 * was left since then whenever `opened` changes. Not before: what is being sent counts as somebody's, so it would be in
 * no list, and it would wait for a try of its own after the page is long connected again.
 */
export function useLeftBehind(
  user: string,
  opened: unknown,
  isConnected: boolean,
  delivery: Delivery = BROWSER,
): readonly LeftBehind[] {
  const [left, setLeft] = useState(NOTHING);
  useEffect(() => {
    let isOver = false;
    const look = async (): Promise<void> => {
      const found = await delivery.find(user).catch(() => NOTHING);
      if (!isOver) setLeft((before) => (before.length === 0 && found.length === 0 ? before : found));
    };
    const begin = async (): Promise<void> => {
      await look();
      if (isOver || !isConnected || delivering.has(user)) return;
      delivering.add(user);
      // What could not be sent stays kept, and is tried again the next time.
      await delivery.deliver(user).catch(() => undefined);
      delivering.delete(user);
      await look();
    };
    const first = window.setTimeout(() => void begin(), SETTLE_MS);
    const timer = window.setInterval(() => void look(), LOOK_MS);
    return () => {
      isOver = true;
      window.clearTimeout(first);
      window.clearInterval(timer);
    };
  }, [user, opened, isConnected, delivery]);
  return left;
}
