import type { ReactElement, ReactNode } from "react";
import { classes } from "./classes.js";
import styles from "./Badge.module.css";

/** A word or two about the thing beside it. */
export function Badge({
  tone = "neutral",
  children,
  title,
}: {
  readonly tone?: "neutral" | "accent" | "good" | "warn" | "bad";
  readonly children: ReactNode;
  readonly title?: string;
}): ReactElement {
  return (
    <span className={classes(styles.badge, styles[tone])} title={title}>
      {children}
    </span>
  );
}
