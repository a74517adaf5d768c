import { LoaderCircle, RotateCw } from "lucide-react";
import type { ReactElement } from "react";
import { Badge } from "../ui/Badge.js";
import { Button } from "../ui/Button.js";
import { Note } from "./Note.js";
import { useShipment } from "./Shipment.js";
import { standingOf } from "./journey.js";
import type { Label } from "./parcel.js";
import { dayText, momentText } from "./words.js";
import shared from "./steps.module.css";
import styles from "./TrackingStep.module.css";

/** Where a parcel is, as the carrier last said. */
export function TrackingStep({ label }: { readonly label: Label }): ReactElement {
  const { calls, isLive, run, busy, failure } = useShipment();
  const number = label.trackingNumber ?? "";
  const found = calls.tracked.get(number);
  const asking = busy("track_package");
  const failed = failure("track_package");
  const standing = found && standingOf(found.status);
  return (
    <div className={shared.step}>
      <section className={shared.card}>
        <h3 className={shared.row}>
          {standing === undefined ? "Not asked yet" : <Badge tone={standing.tone}>{standing.text}</Badge>}
          {label.isSample && <Badge tone="warn">SAMPLE</Badge>}
        </h3>
        <p className={styles.number}>{number}</p>
        {found?.estimated !== undefined && standing?.isOpen === true && (
          <p>Should arrive on {dayText(found.estimated)}</p>
        )}
        {(label.status === "voided" || label.status === "void_pending") && (
          <p className={shared.soft}>Its label is void.</p>
        )}
        <div className={shared.row}>
          <Button
            disabled={asking !== undefined}
            onClick={() => {
              run("track_package", { tracking_number: number });
            }}
          >
            {asking === undefined ? (
              <RotateCw size={16} aria-hidden="true" />
            ) : (
              <LoaderCircle size={16} className={shared.turning} aria-hidden="true" />
            )}
            {found === undefined ? "See where it is" : "Refresh"}
          </Button>
          {found !== undefined && <span className={shared.soft}>As of {momentText(found.asked)}</span>}
        </div>
        {asking === "unsent" && !isLive && <p className={shared.soft}>Asked for; goes out when the line is back.</p>}
      </section>
      {failed !== undefined && <Note tone="bad">{failed.say}</Note>}
      {(found?.isMadeUp ?? label.isSample) && (
        <Note tone="warn">This is a sample: it never moves, and its journey is made up.</Note>
      )}
      {found !== undefined && (
        <ol className={styles.journey} reversed aria-label="What happened, newest first">
          {[...found.events].reverse().map((event, at) => (
            <li key={`${event.at} ${event.text}`} className={styles.event} data-newest={at === 0}>
              <span className={styles.what}>{event.text}</span>
              <span className={shared.soft}>
                {event.place !== "" && `${event.place}, `}
                <time dateTime={isoOf(event.at)}>{momentText(event.at)}</time>
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function isoOf(at: number): string | undefined {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : undefined;
}
