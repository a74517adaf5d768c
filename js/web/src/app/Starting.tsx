import type { ReactElement } from "react";
import { useIdentity } from "../identity/IdentityContext.js";
import { Mark } from "../shell/Mark.js";
import { Button } from "../ui/Button.js";
import styles from "./Starting.module.css";

/** Before it is known who is here. Mostly too short to be read. */
export function Starting(): ReactElement {
  return (
    <div className={styles.page} role="status" aria-label="Loading">
      <div className={styles.mark}>
        <Mark size={40} />
      </div>
    </div>
  );
}

/** Nobody is known here, and the server does not say. It is asked again by itself. */
export function Unreachable({ problem }: { readonly problem: string }): ReactElement {
  const identity = useIdentity();
  return (
    <main className={styles.page}>
      <div className={styles.inside}>
        <Mark size={40} />
        <h1 className={styles.title}>Shipanion does not answer</h1>
        <p role="status">{problem} This page tries again every few seconds.</p>
        <Button look="primary" onClick={() => void identity.start()}>
          Try now
        </Button>
      </div>
    </main>
  );
}
