import type { ReactElement } from "react";

/** The parcel as a stepper: details, quotes, label, tracking. */
export function ShipmentPane(): ReactElement {
  return <section aria-label="Shipment" />;
}
