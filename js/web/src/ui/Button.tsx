import type { ComponentProps, ReactElement } from "react";
import { classes } from "./classes.js";
import styles from "./Button.module.css";

interface Look {
  /** `primary` once a view; `danger` for what cannot be taken back. */
  readonly look?: "primary" | "secondary" | "quiet" | "danger";
  readonly size?: "small" | "medium" | "large";
}

/** A button with words on it. It submits nothing unless it says `type="submit"`. */
export function Button({
  look = "secondary",
  size = "medium",
  className,
  ...rest
}: ComponentProps<"button"> & Look): ReactElement {
  return <button type="button" className={classes(styles.button, styles[look], styles[size], className)} {...rest} />;
}

/** A button with a picture on it; `label` is what it says to who cannot see it, and when pointed at. */
export function IconButton({
  label,
  look = "quiet",
  size = "medium",
  className,
  ...rest
}: ComponentProps<"button"> & Look & { readonly label: string }): ReactElement {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classes(styles.button, styles.icon, styles[look], styles[size], className)}
      {...rest}
    />
  );
}

/** A link that looks like a button: it goes somewhere, or saves a file. */
export function ButtonLink({
  look = "secondary",
  size = "medium",
  className,
  ...rest
}: ComponentProps<"a"> & Look): ReactElement {
  return <a className={classes(styles.button, styles[look], styles[size], className)} {...rest} />;
}
