import type { ReactElement, ReactNode } from "react";
import { classes } from "../ui/classes.js";
import styles from "./Note.module.css";

/** A sentence that must not be overlooked, with a way on where there is one. What is bad is announced. */
export function Note({
  tone,
  id,
  children,
}: {
  readonly tone: "neutral" | "accent" | "warn" | "bad" | "good";
  readonly id?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div id={id} className={classes(styles.note, styles[tone])} role={tone === "bad" ? "alert" : undefined}>
      {children}
    </div>
  );
}
