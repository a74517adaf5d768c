import type { ReactElement, ReactNode } from "react";
import { createContext, useCallback, useContext, useEffect, useState } from "react";
import styles from "./Announcer.module.css";

type Announce = (text: string) => void;

const Saying = createContext<Announce>(() => undefined);

/** Says a sentence to screen readers, politely, once. */
export function useAnnounce(): Announce {
  return useContext(Saying);
}

/** As long as a screen reader may take to notice. After that the words are nobody's business any more. */
const STAYS_MS = 4_000;

/** The two places from which screen readers read; in turn, so that the same sentence twice is read twice. */
export function Announcer({ children }: { readonly children: ReactNode }): ReactElement {
  const [said, setSaid] = useState<readonly [string, string]>(["", ""]);
  const announce = useCallback((text: string) => {
    setSaid(([first]) => (first === "" ? [text, ""] : ["", text]));
  }, []);
  useEffect(() => {
    if (said[0] === "" && said[1] === "") return;
    const timer = setTimeout(() => {
      setSaid(["", ""]);
    }, STAYS_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [said]);
  return (
    <Saying value={announce}>
      {children}
      <div className={styles.unseen} aria-live="polite" role="status">
        <p>{said[0]}</p>
        <p>{said[1]}</p>
      </div>
    </Saying>
  );
}
