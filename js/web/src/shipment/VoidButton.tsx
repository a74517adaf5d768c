import { Undo2 } from "lucide-react";
import type { ReactElement } from "react";
import { useState } from "react";
import { Button } from "../ui/Button.js";
import { Dialog } from "../ui/Dialog.js";
import { Note } from "./Note.js";
import { useShipment } from "./Shipment.js";
import type { Label } from "./parcel.js";
import styles from "./steps.module.css";

/** Takes a label back, after a question. */
export function VoidButton({
  label,
  size = "medium",
}: {
  readonly label: Label;
  readonly size?: "small" | "medium";
}): ReactElement {
  const { parcel, run, busy, failure } = useShipment();
  const [isAsking, setIsAsking] = useState(false);
  const number = label.trackingNumber ?? "";
  const isAsked = parcel.approval?.kind === "void" && parcel.approval.labelId === label.id;
  const failed = failure("void_label");
  return (
    <>
      <Button
        look="quiet"
        size={size}
        disabled={busy("void_label") !== undefined || isAsked}
        onClick={() => {
          setIsAsking(true);
        }}
      >
        <Undo2 size={16} aria-hidden="true" /> Void
      </Button>
      {failed !== undefined && <Note tone="bad">{failed.say}</Note>}
      {isAsking && (
        <Dialog
          title={label.isSample ? "Void this sample label?" : "Void this label?"}
          onClose={() => {
            setIsAsking(false);
          }}
        >
          <p>
            {label.carrier} {label.service}, {number}.{" "}
            {label.isSample
              ? "Nothing was paid. It is only marked as void."
              : "The money is asked back from the carrier. The label must not be used after that, and this cannot be undone."}
          </p>
          <div className={styles.ends}>
            <Button
              onClick={() => {
                setIsAsking(false);
              }}
            >
              Keep it
            </Button>
            <Button
              look="danger"
              onClick={() => {
                setIsAsking(false);
                run("void_label", { tracking_number: number });
              }}
            >
              Void the label
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
