import type { ReactElement } from "react";
import { useId } from "react";
import { Badge } from "../ui/Badge.js";
import { Button } from "../ui/Button.js";
import { classes } from "../ui/classes.js";
import { useShipment } from "./Shipment.js";
import type { Address, Approval } from "./parcel.js";
import { useNow } from "../ui/useNow.js";
import { endText, leftText, priceText } from "./words.js";
import styles from "./steps.module.css";

/** What the owner's yes is asked for: a yes here, in the conversation or on another device counts once. */
export function ApprovalCard({ approval }: { readonly approval: Approval }): ReactElement {
  const { parcel, isLive, answer, answering } = useShipment();
  const id = useId();
  const left = leftText(approval.expiresAt, useNow(5_000));
  const given = answering(approval.id);
  const isBuying = approval.kind === "buy";
  const { details } = parcel;
  const label = parcel.labels.find((each) => each.id === approval.labelId);
  const title = isBuying
    ? approval.isSample
      ? "Make this sample label?"
      : "Buy this label?"
    : approval.isSample
      ? "Void this sample label?"
      : "Void this label?";
  return (
    <section className={classes(styles.card, styles.asked)} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {approval.price !== undefined && (
        <p className={styles.row}>
          <span className={styles.price}>{priceText(approval.price)}</span>
          {approval.isSample && <Badge tone="warn">Sample: nothing is paid</Badge>}
        </p>
      )}
      <dl className={styles.facts}>
        <dt>Service</dt>
        <dd>
          {approval.carrier} {approval.service}
        </dd>
        {approval.from !== undefined && approval.to !== undefined && (
          <>
            <dt>Route</dt>
            <dd>
              {endText(approval.from, approval.from === details.from ? details.fromPlace : "")} to{" "}
              {endText(approval.to, approval.to === details.to ? details.toPlace : "")}
            </dd>
          </>
        )}
        {isBuying && details.recipient !== undefined && (
          <>
            <dt>Addressed to</dt>
            <dd>{addresseeText(details.recipient)}</dd>
          </>
        )}
        {approval.eta !== undefined && (
          <>
            <dt>Usually takes</dt>
            <dd>{approval.eta}</dd>
          </>
        )}
        {label?.trackingNumber !== undefined && (
          <>
            <dt>Label</dt>
            <dd>{label.trackingNumber}</dd>
          </>
        )}
        <dt>Offer holds</dt>
        <dd>{left === undefined ? "It may have run out" : `for ${left}`}</dd>
      </dl>
      {!isBuying && !approval.isSample && (
        <p className={styles.soft}>The money is asked back, and the label must not be used after that.</p>
      )}
      <div className={styles.row}>
        <Button
          look={isBuying ? "primary" : "danger"}
          size="large"
          disabled={given !== undefined}
          onClick={() => {
            answer(approval.id, "approved");
          }}
        >
          {yesWords(approval)}
        </Button>
        <Button
          size="large"
          disabled={given !== undefined}
          onClick={() => {
            answer(approval.id, "declined");
          }}
        >
          No
        </Button>
      </div>
      {given !== undefined && !isLive && (
        <p className={styles.soft}>
          Your {given === "approved" ? "yes" : "no"} is kept, and goes out when the line is back.
        </p>
      )}
    </section>
  );
}

function addresseeText({ name, street, unit }: Address): string {
  return [name, street, unit].filter((part) => part !== "").join(", ");
}

function yesWords({ kind, isSample, price }: Approval): string {
  if (kind === "void") return "Yes, void it";
  if (isSample) return "Yes, make it";
  return price === undefined ? "Yes, buy it" : `Yes, pay ${priceText(price)}`;
}
