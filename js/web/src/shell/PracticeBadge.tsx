import type { ReactElement } from "react";
import { useState } from "react";
import { Button } from "../ui/Button.js";
import { Dialog } from "../ui/Dialog.js";
import styles from "./PracticeBadge.module.css";

/** Says that nothing here costs money or moves a parcel, and what would change that. */
export function PracticeBadge(): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => {
    setOpen(false);
  };
  return (
    <>
      <button
        type="button"
        className={styles.badge}
        aria-haspopup="dialog"
        onClick={() => {
          setOpen(true);
        }}
      >
        Practice
      </button>
      {isOpen && (
        <Dialog title="This is practice mode" onClose={close}>
          <p>
            Prices are estimates from published rates, and labels are samples: they are marked as such, nothing is
            charged, and no carrier takes a parcel with them. All else is real: your conversations, and what is kept.
          </p>
          <p>
            Real labels need a carrier account, which whoever runs this server connects to it. This version cannot
            connect one yet; once it can, the same steps buy postage.
          </p>
          <div className={styles.end}>
            <Button look="primary" onClick={close}>
              All right
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
