import { RotateCw } from "lucide-react";
import type { ReactElement } from "react";
import { Button } from "../ui/Button.js";
import { useShipment } from "./Shipment.js";
import { quoteParameters } from "./parcel.js";

/** Asks for the prices of today for the parcel as it is. */
export function RefreshQuotes(): ReactElement {
  const { parcel, run, busy } = useShipment();
  const isBusy = busy("get_shipping_quotes") !== undefined;
  return (
    <Button
      size="small"
      disabled={isBusy}
      onClick={() => {
        run("get_shipping_quotes", quoteParameters(parcel.details));
      }}
    >
      <RotateCw size={15} aria-hidden="true" /> {isBusy ? "Getting quotes…" : "Get fresh quotes"}
    </Button>
  );
}
