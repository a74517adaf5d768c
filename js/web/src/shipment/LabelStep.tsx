import { LoaderCircle } from "lucide-react";
import type { ReactElement } from "react";
import { Badge } from "../ui/Badge.js";
import { Button } from "../ui/Button.js";
import { LabelView } from "./LabelView.js";
import { Note } from "./Note.js";
import { RefreshQuotes } from "./RefreshQuotes.js";
import { useShipment } from "./Shipment.js";
import type { Purchase } from "./parcel.js";
import { useNow } from "../ui/useNow.js";
import { dayText, daysText, endText, leftText, priceText } from "./words.js";
import styles from "./steps.module.css";

/** From the chosen quote to the label. */
export function LabelStep({
  onAddresses,
  onTrack,
}: {
  readonly onAddresses: () => void;
  readonly onTrack: (trackingNumber: string) => void;
}): ReactElement {
  const { parcel } = useShipment();
  if (parcel.label !== undefined) return <LabelView label={parcel.label} onTrack={onTrack} />;
  if (parcel.purchase !== undefined) return <Buying purchase={parcel.purchase} />;
  return <Review onAddresses={onAddresses} />;
}

function Buying({ purchase }: { readonly purchase: Purchase }): ReactElement {
  const isUnknown = purchase.status === "unknown";
  return (
    <section className={styles.card} aria-live="polite">
      <h3 className={styles.row}>
        <LoaderCircle size={18} className={styles.turning} aria-hidden="true" />
        {isUnknown
          ? "Confirming with the carrier"
          : purchase.isSample
            ? "Making the sample label…"
            : "Buying the label…"}
      </h3>
      <p>
        {purchase.carrier} {purchase.service}
        {purchase.cost !== undefined && ` for ${priceText(purchase.cost)}`}
      </p>
      <p className={styles.soft}>
        {isUnknown
          ? "The carrier has not said whether the label was bought. It is being asked; nothing is bought twice."
          : "This goes on by itself, whether or not this page stays open."}
      </p>
    </section>
  );
}

function Review({ onAddresses }: { readonly onAddresses: () => void }): ReactElement {
  const { parcel, isLive, run, busy, failure } = useShipment();
  const { chosen, details, approval, refusal, quotesExpireAt } = parcel;
  const now = useNow(15_000);
  const isOver = quotesExpireAt !== undefined && leftText(quotesExpireAt, now) === undefined;
  const failed = failure("create_label");
  const buying = busy("create_label");
  if (chosen === undefined) return <Note tone="neutral">Choose one of the quotes first.</Note>;
  const isAsked = approval?.kind === "buy";
  const lacksAddress = !chosen.isEstimate && (details.sender === undefined || details.recipient === undefined);
  const isAboutAddress = failed?.code === "missing_address" || lacksAddress;
  return (
    <div className={styles.step}>
      {refusal !== undefined && <Note tone="bad">{refusal}</Note>}
      {!isAsked && (
        <section className={styles.card}>
          <h3>
            {chosen.carrier} {chosen.service}
          </h3>
          <p className={styles.row}>
            <span className={styles.price}>{priceText(chosen.cost)}</span>
            {chosen.isEstimate && <Badge tone="warn">Estimate</Badge>}
          </p>
          <dl className={styles.facts}>
            <dt>From</dt>
            <dd>{endText(details.from, details.fromPlace)}</dd>
            <dt>To</dt>
            <dd>{endText(details.to, details.toPlace)}</dd>
            <dt>Weight</dt>
            <dd>
              {details.weight} lb{details.dimensions !== "" && `, ${details.dimensions} in`}
            </dd>
            {chosen.days !== undefined && (
              <>
                <dt>Arrives</dt>
                <dd>
                  {chosen.delivery !== undefined && `${dayText(chosen.delivery)}, `}
                  usually {daysText(chosen.days)}
                </dd>
              </>
            )}
          </dl>
        </section>
      )}
      {isOver ? (
        <Note tone="warn">
          This price has run out.
          <RefreshQuotes />
        </Note>
      ) : (
        !isAsked && (
          <>
            {isAboutAddress ? (
              <Note tone="warn">
                A label needs the sender’s and the recipient’s name and street.
                <Button size="small" onClick={onAddresses}>
                  Add the addresses
                </Button>
              </Note>
            ) : (
              failed !== undefined && <Note tone="bad">{failed.say}</Note>
            )}
            <Button
              look="primary"
              size="large"
              className={styles.wide}
              disabled={buying !== undefined || lacksAddress}
              onClick={() => {
                run("create_label");
              }}
            >
              {buying !== undefined && <LoaderCircle size={18} className={styles.turning} aria-hidden="true" />}
              {chosen.isEstimate ? "Make a sample label" : `Buy label for ${priceText(chosen.cost)}`}
            </Button>
            <p className={styles.soft}>
              {buying === "unsent" && !isLive
                ? "Asked for; goes out when the line is back."
                : chosen.isEstimate
                  ? "Practice mode: the label is a sample. Nothing is paid, and it cannot be mailed."
                  : "You are asked once more before anything is paid."}
            </p>
          </>
        )
      )}
    </div>
  );
}
