import { Check, Copy, Download, Printer, Truck } from "lucide-react";
import type { ReactElement } from "react";
import { useState } from "react";
import { Badge } from "../ui/Badge.js";
import { Button, ButtonLink, IconButton } from "../ui/Button.js";
import { useAnnounce } from "../ui/Announcer.js";
import { NewParcel } from "./NewParcel.js";
import { Note } from "./Note.js";
import { VoidButton } from "./VoidButton.js";
import { useShipment } from "./Shipment.js";
import { filesOf } from "./labelFiles.js";
import type { Label } from "./parcel.js";
import { priceText } from "./words.js";
import shared from "./steps.module.css";
import styles from "./LabelView.module.css";

const STANDING: Readonly<Record<Label["status"], string | undefined>> = {
  bought: undefined,
  confirming: "The carrier is being asked whether this label was bought.",
  voiding: "The carrier is being asked to take this label back.",
  void_pending: "The carrier looks at it before it gives the money back. Do not use this label.",
  voided: "This label is void.",
};

/** The label of the present parcel: to look at, print, save and take back. */
export function LabelView({
  label,
  onTrack,
}: {
  readonly label: Label;
  readonly onTrack: (trackingNumber: string) => void;
}): ReactElement {
  const { parcel } = useShipment();
  const { trackingNumber } = label;
  const standing = STANDING[label.status];
  return (
    <div className={shared.step}>
      {parcel.refusal !== undefined && <Note tone="bad">{parcel.refusal}</Note>}
      {standing !== undefined && <Note tone="warn">{standing}</Note>}
      <Preview key={label.id} label={label} />
      <section className={shared.card}>
        <h3 className={shared.row}>
          {label.carrier} {label.service}
          {label.isSample ? <Badge tone="warn">SAMPLE</Badge> : <Badge tone="good">Bought</Badge>}
        </h3>
        {trackingNumber !== undefined && <TrackingNumber value={trackingNumber} />}
        {label.cost !== undefined && (
          <p className={shared.soft}>
            {label.isSample ? `Estimated at ${priceText(label.cost)}` : `Paid ${priceText(label.cost)}`}
          </p>
        )}
        {label.isSample && (
          <p className={shared.soft}>Practice mode: nothing was paid, and this label cannot be mailed.</p>
        )}
        <div className={shared.row}>
          {trackingNumber !== undefined && (
            <Button
              onClick={() => {
                onTrack(trackingNumber);
              }}
            >
              <Truck size={16} aria-hidden="true" /> Track
            </Button>
          )}
          {label.status === "bought" && trackingNumber !== undefined && <VoidButton label={label} />}
        </div>
      </section>
      <NewParcel />
    </div>
  );
}

function Preview({ label }: { readonly label: Label }): ReactElement {
  const files = filesOf(label.url);
  const [picture, setPicture] = useState<"coming" | "there" | "none">("coming");
  if (label.url === undefined) {
    return <Note tone="warn">The label was sold, but its picture could not be had. The carrier has it.</Note>;
  }
  return (
    <figure className={styles.figure}>
      {files.png !== undefined && picture !== "none" && (
        <a className={styles.paper} href={files.pdf ?? files.png} target="_blank" rel="noreferrer">
          <img
            src={files.png}
            width={800}
            height={1200}
            className={styles.picture}
            data-there={picture === "there"}
            alt={`The ${label.isSample ? "sample " : ""}label, ${label.trackingNumber ?? "without a number"}. Opens to print.`}
            onLoad={() => {
              setPicture("there");
            }}
            onError={() => {
              setPicture("none");
            }}
          />
        </a>
      )}
      {picture === "none" && <Note tone="neutral">There is no preview. Open the label to see it.</Note>}
      <figcaption className={styles.files}>
        <ButtonLink look="primary" href={files.pdf ?? files.png ?? label.url} target="_blank" rel="noreferrer">
          <Printer size={16} aria-hidden="true" /> Print
        </ButtonLink>
        {files.pdf !== undefined && <SaveLink href={files.pdf} name="PDF" />}
        {files.png !== undefined && picture !== "none" && <SaveLink href={files.png} name="PNG" />}
        {files.other !== undefined && <SaveLink href={files.other} name="file" />}
      </figcaption>
    </figure>
  );
}

function SaveLink({ href, name }: { readonly href: string; readonly name: string }): ReactElement {
  return (
    <ButtonLink href={`${href}?download=1`} download aria-label={`Download ${name}`}>
      <Download size={16} aria-hidden="true" /> {name}
    </ButtonLink>
  );
}

function TrackingNumber({ value }: { readonly value: string }): ReactElement {
  const announce = useAnnounce();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      return; // not allowed here: the number can be selected by hand
    }
    setIsCopied(true);
    announce("Tracking number copied.");
    setTimeout(() => {
      setIsCopied(false);
    }, 2_000);
  };
  return (
    <p className={styles.number}>
      <span className={shared.soft}>Tracking number</span>
      <code className={styles.code}>{value}</code>
      <IconButton label="Copy the tracking number" size="small" onClick={() => void copy()}>
        {isCopied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
      </IconButton>
    </p>
  );
}
