import type { ReactElement, ReactNode } from "react";
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from "react";
import type { DeviceMemory } from "./deviceMemory.js";
import type { Theme } from "./theme.js";
import { applyTheme, chosenTheme, chooseTheme } from "./theme.js";

type Chosen = readonly [Theme, (theme: Theme) => void];

const Context = createContext<Chosen | undefined>(undefined);

/** Keeps the page in the look that was chosen on this device, in this tab or another. */
export function PageTheme({
  memory,
  children,
}: {
  readonly memory: DeviceMemory;
  readonly children: ReactNode;
}): ReactElement {
  const [theme, setTheme] = useState(() => chosenTheme(memory));
  useEffect(() => {
    const look = (): void => {
      const chosen = chosenTheme(memory);
      applyTheme(chosen, document.documentElement);
      setTheme(chosen);
    };
    window.addEventListener("storage", look);
    return () => {
      window.removeEventListener("storage", look);
    };
  }, [memory]);
  const choose = useCallback(
    (chosen: Theme) => {
      chooseTheme(memory, chosen, document.documentElement);
      setTheme(chosen);
    },
    [memory],
  );
  const value = useMemo((): Chosen => [theme, choose], [theme, choose]);
  return <Context value={value}>{children}</Context>;
}

/** The chosen look, and how to choose another. */
export function usePageTheme(): Chosen {
  const chosen = useContext(Context);
  if (chosen === undefined) throw new Error("There is no theme here.");
  return chosen;
}
