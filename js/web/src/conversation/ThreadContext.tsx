import type { JsonObject, Pending, Session } from "@shipanion/client";
import { createContext, useContext } from "react";

/** What the items of a conversation need beside themselves. It does not change while Bob speaks. */
export interface Around {
  readonly session: Session;
  readonly state: JsonObject | undefined;
  readonly pending: readonly Pending[];
  /** The turns that have not ended: the first is being answered. */
  readonly turns: readonly string[];
  readonly isLive: boolean;
  /** What is sent now goes out only after signing in. */
  readonly needsSignIn: boolean;
  /** Of the quotes that are shown, the ones that can be chosen from. */
  readonly quotesKey: string | undefined;
  /** Say a message that failed once more. */
  readonly again: (id: string) => void;
  /** Take a message that failed back into the composer. */
  readonly edit: (id: string) => void;
}

const Context = createContext<Around | undefined>(undefined);

export const ThreadContext = Context.Provider;

export function useAround(): Around {
  const around = useContext(Context);
  if (around === undefined) throw new Error("Items are shown in a conversation only.");
  return around;
}
