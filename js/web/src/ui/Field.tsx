import type { ComponentProps, ReactElement, ReactNode } from "react";
import { useId } from "react";
import { classes } from "./classes.js";
import styles from "./Field.module.css";

interface Props extends Omit<ComponentProps<"input">, "id"> {
  readonly label: string;
  /** Said below the field, always. */
  readonly hint?: ReactNode;
  /** What is wrong with what was typed, as a sentence; announced. */
  readonly problem?: string | undefined;
  /** Stands inside the field behind what is typed: a unit. */
  readonly unit?: string;
}

/** A text field with its label, hint and problem, tied together for screen readers. */
export function Field({ label, hint, problem, unit, className, ...rest }: Props): ReactElement {
  const id = useId();
  const said = problem !== undefined || hint !== undefined;
  return (
    <div className={classes(styles.field, className)}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <div className={styles.box} data-problem={problem !== undefined}>
        <input
          {...rest}
          id={id}
          className={styles.input}
          aria-invalid={problem !== undefined}
          aria-describedby={said ? `${id}-said` : undefined}
        />
        {unit !== undefined && <span className={styles.unit}>{unit}</span>}
      </div>
      {said && (
        <p
          id={`${id}-said`}
          className={problem === undefined ? styles.hint : styles.problem}
          role={problem === undefined ? undefined : "alert"}
        >
          {problem ?? hint}
        </p>
      )}
    </div>
  );
}
