import { Check } from "lucide-react";
import type { ReactElement } from "react";
import { classes } from "../ui/classes.js";
import type { Step } from "./steps.js";
import { STEPS } from "./steps.js";
import styles from "./Stepper.module.css";

/** The way of a parcel. What is done can be looked at again. */
export function Stepper({
  open,
  reachable,
  done,
  onOpen,
}: {
  readonly open: Step;
  readonly reachable: readonly boolean[];
  readonly done: readonly boolean[];
  readonly onOpen: (step: Step) => void;
}): ReactElement {
  return (
    <ol className={styles.steps} aria-label="Steps of this parcel">
      {STEPS.map((name, at) => (
        <li key={name} className={styles.step}>
          <button
            type="button"
            className={styles.button}
            aria-current={at === open ? "step" : undefined}
            disabled={reachable[at] !== true}
            onClick={() => {
              onOpen(at as Step);
            }}
          >
            <span className={classes(styles.mark, done[at] === true && styles.done)} aria-hidden="true">
              {done[at] === true ? <Check size={14} strokeWidth={3} /> : at + 1}
            </span>
            <span>{name}</span>
            {done[at] === true && <span className={styles.unseen}>, done</span>}
          </button>
        </li>
      ))}
    </ol>
  );
}
