import { ChevronRight } from "lucide-react";
import type { ReactElement } from "react";
import { Badge } from "../ui/Badge.js";
import { Button, ButtonLink } from "../ui/Button.js";
import { VoidButton } from "./VoidButton.js";
import { filesOf } from "./labelFiles.js";
import type { Label } from "./parcel.js";
import { momentText, priceText } from "./words.js";
import styles from "./LabelList.module.css";

const STATUS = {
  bought: ["Bought", "good"],
  confirming: ["Confirming with the carrier", "warn"],
  voiding: ["Being voided", "warn"],
  void_pending: ["Void, money pending", "neutral"],
  voided: ["Void", "neutral"],
} as const;

/** The labels of earlier parcels, newest first. */
export function LabelList({
  labels,
  onTrack,
}: {
  readonly labels: readonly Label[];
  readonly onTrack: (trackingNumber: string) => void;
}): ReactElement | null {
  if (labels.length === 0) return null;
  return (
    <details className={styles.list}>
      <summary className={styles.summary}>
        <ChevronRight size={16} className={styles.arrow} aria-hidden="true" />
        Earlier labels ({labels.length})
      </summary>
      <ul className={styles.labels}>
        {[...labels].reverse().map((label) => (
          <Entry key={label.id} label={label} onTrack={onTrack} />
        ))}
      </ul>
    </details>
  );
}

function Entry({
  label,
  onTrack,
}: {
  readonly label: Label;
  readonly onTrack: (trackingNumber: string) => void;
}): ReactElement {
  const { trackingNumber, cost, at, from, to } = label;
  const [word, tone] = STATUS[label.status];
  const files = filesOf(label.url);
  const file = files.pdf ?? files.png ?? files.other;
  return (
    <li className={styles.label}>
      <p className={styles.head}>
        <strong>
          {label.carrier} {label.service}
        </strong>
        {label.isSample && <Badge tone="warn">SAMPLE</Badge>}
        <Badge tone={tone}>{label.isSample && label.status === "bought" ? "Made" : word}</Badge>
      </p>
      <p className={styles.facts}>
        {from !== undefined && to !== undefined && `${from} to ${to} · `}
        {cost !== undefined && priceText(cost)}
        {at !== undefined && ` · ${momentText(at)}`}
      </p>
      {trackingNumber !== undefined && (
        <>
          <p className={styles.number}>{trackingNumber}</p>
          <div className={styles.actions}>
            {file !== undefined && label.status === "bought" && (
              <ButtonLink size="small" href={file} target="_blank" rel="noreferrer">
                Open
              </ButtonLink>
            )}
            <Button
              size="small"
              onClick={() => {
                onTrack(trackingNumber);
              }}
            >
              Track
            </Button>
            {label.status === "bought" && <VoidButton label={label} size="small" />}
          </div>
        </>
      )}
    </li>
  );
}
