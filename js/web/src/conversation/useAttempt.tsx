import { CommandRefused, ConnectionRefused, StorageFailed, ToolFailed } from "@shipanion/client";
import { useCallback, useRef, useState } from "react";

export interface Attempt {
  /** Which of the things on offer is under way. */
  readonly busy: string | undefined;
  /** Why the last one came to nothing, as a sentence. */
  readonly problem: string | undefined;
  /** Do a thing; nothing while another is under way, so that a second press does nothing. */
  readonly run: (name: string, act: () => Promise<unknown>) => void;
}

/** One thing at a time, and what to say where it was decided against. What waits for a connection is under way. */
export function useAttempt(): Attempt {
  const [shown, show] = useState<{ readonly busy?: string; readonly problem?: string }>({});
  const isBusy = useRef(false);
  const run = useCallback((name: string, act: () => Promise<unknown>) => {
    if (isBusy.current) return;
    isBusy.current = true;
    show({ busy: name });
    const end = (problem?: string): void => {
      isBusy.current = false;
      show(problem === undefined ? {} : { problem });
    };
    act().then(
      () => {
        end();
      },
      (error: unknown) => {
        end(wasDecided(error) ? error.message : undefined);
      },
    );
  }, []);
  return { busy: shown.busy, problem: shown.problem, run };
}

/** Signed out or closed, a command is kept and goes out later: that is no refusal. */
function wasDecided(error: unknown): error is Error {
  return [CommandRefused, ToolFailed, StorageFailed, ConnectionRefused].some((kind) => error instanceof kind);
}
