import type { ReactElement, ReactNode } from "react";
import { useId } from "react";
import styles from "./Dialog.module.css";
import { Modal } from "./Modal.js";

/** A question that must be answered first. `onClose` is called for every way out. */
export function Dialog({
  title,
  children,
  onClose,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
}): ReactElement {
  const id = useId();
  return (
    <Modal className={styles.dialog} aria-labelledby={id} onClose={onClose}>
      <div className={styles.inside}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {children}
      </div>
    </Modal>
  );
}
