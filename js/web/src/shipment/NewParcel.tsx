import { Copy, Plus } from "lucide-react";
import type { ReactElement } from "react";
import { Button } from "../ui/Button.js";
import { Note } from "./Note.js";
import { useShipment } from "./Shipment.js";
import styles from "./steps.module.css";

/** Begins another parcel; the labels stay listed. */
export function NewParcel(): ReactElement {
  const { run, busy, failure } = useShipment();
  const isBusy = busy("new_shipment") !== undefined;
  const failed = failure("new_shipment");
  return (
    <div className={styles.actions}>
      {failed !== undefined && <Note tone="bad">{failed.say}</Note>}
      <div className={styles.row}>
        <Button
          disabled={isBusy}
          onClick={() => {
            run("new_shipment");
          }}
        >
          <Plus size={16} aria-hidden="true" /> Another parcel
        </Button>
        <Button
          disabled={isBusy}
          onClick={() => {
            run("new_shipment", { same_details: true });
          }}
        >
          <Copy size={16} aria-hidden="true" /> Same again
        </Button>
      </div>
    </div>
  );
}
