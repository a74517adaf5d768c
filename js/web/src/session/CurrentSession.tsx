import type { SessionSnapshot, TranscriptSnapshot } from "@shipanion/client";
import type { Session } from "@shipanion/client";
import { createContext, useContext } from "react";

/** The session on the page, as all panes see it. */
export interface Current {
  readonly session: Session;
  readonly snapshot: SessionSnapshot;
  readonly transcript: TranscriptSnapshot;
  readonly loadOlder: () => Promise<void>;
}

const Context = createContext<Current | undefined>(undefined);

/** Makes a session the current one for what is inside. */
export const CurrentSession = Context.Provider;

/** The current session. Only inside of `CurrentSession`. */
export function useCurrentSession(): Current {
  const current = useContext(Context);
  if (current === undefined) throw new Error("There is no current session here.");
  return current;
}
