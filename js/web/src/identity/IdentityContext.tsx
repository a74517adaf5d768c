import type { ReactElement, ReactNode } from "react";
import { createContext, useContext, useSyncExternalStore } from "react";
import type { Here, Identity, IdentityState } from "./identity.js";

const Context = createContext<Identity | undefined>(undefined);
const HereContext = createContext<Here | undefined>(undefined);

/** Makes an identity the one of what is inside. */
export const IdentityOf = Context.Provider;

export function useIdentity(): Identity {
  const identity = useContext(Context);
  if (identity === undefined) throw new Error("There is no identity here.");
  return identity;
}

/** Who is here. */
export function useIdentityState(): IdentityState {
  const identity = useIdentity();
  return useSyncExternalStore(identity.subscribe, identity.state);
}

/** Says who is here to what is drawn only when somebody is. */
export function SomebodyHere({ here, children }: { readonly here: Here; readonly children: ReactNode }): ReactElement {
  return <HereContext value={here}>{children}</HereContext>;
}

/** Who is here. Only inside of `SomebodyHere`. */
export function useHere(): Here {
  const here = useContext(HereContext);
  if (here === undefined) throw new Error("Nobody is here.");
  return here;
}
