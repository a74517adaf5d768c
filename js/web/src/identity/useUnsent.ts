import { unsent } from "@shipanion/client";
import { useEffect, useState } from "react";

const LOOK_MS = 2_000;

/**
 * How many things `user` did that are not sent yet, in all tabs of this browser: what would be erased with what is kept
 * for them. Looked at again every two seconds, since other tabs go on. 0 without a user.
 */
export function useUnsent(user: string | undefined): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (user === undefined) return;
    let isOver = false;
    const look = async (): Promise<void> => {
      // Where nothing can be kept, nothing can be erased.
      const found = await unsent(user).catch(() => 0);
      if (!isOver) setCount(found);
    };
    void look();
    const timer = window.setInterval(() => void look(), LOOK_MS);
    return () => {
      isOver = true;
      window.clearInterval(timer);
    };
  }, [user]);
  return user === undefined ? 0 : count;
}
