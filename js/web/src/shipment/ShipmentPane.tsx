import { ArrowRight } from "lucide-react";
import type { ReactElement } from "react";
import { useCallback, useEffect, useId, useRef, useState } from "react";
import { useDevicePlace } from "../session/CurrentSession.js";
import { useAnnounce } from "../ui/Announcer.js";
import { Button } from "../ui/Button.js";
import { ApprovalCard } from "./ApprovalCard.js";
import { DetailsStep } from "./DetailsStep.js";
import { LabelList } from "./LabelList.js";
import { LabelStep } from "./LabelStep.js";
import { Note } from "./Note.js";
import { QuotesStep } from "./QuotesStep.js";
import { ShipmentOfSession, useShipment } from "./Shipment.js";
import { Stepper } from "./Stepper.js";
import { TrackingStep } from "./TrackingStep.js";
import { newsOf, QUOTES_GONE, quotesWent } from "./news.js";
import type { Label, Parcel } from "./parcel.js";
import type { Step } from "./steps.js";
import { done, frontOf, reachable, readStep, STEPS } from "./steps.js";
import { useDrafts } from "./useDrafts.js";
import { useFieldFocus } from "./useFieldFocus.js";
import { useOpenStep } from "./useOpenStep.js";
import styles from "./ShipmentPane.module.css";

/** The parcel as a stepper: details, quotes, label, tracking. */
export function ShipmentPane(): ReactElement {
  return (
    <ShipmentOfSession>
      <Pane />
    </ShipmentOfSession>
  );
}

function Pane(): ReactElement {
  const { parcel, edits, isKnown } = useShipment();
  const [isTyping, setIsTyping] = useState(false);
  const [tracked, setTracked] = useState<string>();
  const here = useDrafts();
  const { restored, keep: keepPlace } = useDevicePlace();
  const keep = useCallback(
    (step: Step | undefined) => {
      keepPlace({ step: step ?? null });
    },
    [keepPlace],
  );
  const kept = readStep(restored.step);
  const { open, moved, show, follow } = useOpenStep(parcel, isKnown, edits.mover, isTyping, kept, keep);
  const areQuotesGone = useQuotesGone(parcel);
  const body = useRef<HTMLDivElement>(null);
  const id = useId();
  const pane = useRef<HTMLElement>(null);
  const focus = useFieldFocus(pane, isKnown);
  useNews(parcel, isKnown);

  // Another step begins at its top, however the parcel came there.
  useEffect(() => {
    body.current?.scrollTo({ top: 0 });
  }, [open]);

  const front = frontOf(parcel);
  const track = (number: string) => {
    setTracked(number);
    show(3);
  };
  const label = trackedLabel(parcel, tracked);
  const earlier = parcel.labels.filter((each) => each.id !== parcel.label?.id);

  return (
    <section
      className={styles.pane}
      aria-labelledby={id}
      ref={pane}
      onFocus={(event) => {
        setIsTyping(event.target instanceof HTMLInputElement && event.target.type === "text");
        focus.entered(event);
      }}
      onBlur={() => {
        setIsTyping(false);
        focus.left();
      }}
    >
      <header className={styles.head}>
        <h2 id={id} className={styles.title}>
          Parcel
        </h2>
        <Stepper open={open} reachable={reachable(parcel)} done={done(parcel)} onOpen={show} />
      </header>
      <div className={styles.body} ref={body}>
        {moved !== undefined ? (
          <Note tone="accent">
            <span className={styles.moved}>
              <span>
                {moved.by === undefined ? "This parcel is now" : `${capital(moved.by)} moved on`}
                {moved.by === undefined ? " at " : " to "}
                {STEPS[moved.to]}
              </span>
              <Button size="small" onClick={follow}>
                Show <ArrowRight size={15} aria-hidden="true" />
              </Button>
            </span>
          </Note>
        ) : (
          open < front && (
            <Button size="small" look="quiet" className={styles.back} onClick={follow}>
              Go on to {STEPS[front]} <ArrowRight size={15} aria-hidden="true" />
            </Button>
          )
        )}
        {parcel.approval !== undefined && <ApprovalCard key={parcel.approval.id} approval={parcel.approval} />}
        {areQuotesGone && open === 0 && <Note tone="warn">{QUOTES_GONE}</Note>}
        <h3 className={styles.unseen}>{STEPS[open]}</h3>
        {open === 0 && <DetailsStep here={here} onQuotes={follow} />}
        {open === 1 && <QuotesStep onChosen={follow} />}
        {open === 2 && (
          <LabelStep
            onTrack={track}
            onAddresses={() => {
              show(0);
            }}
          />
        )}
        {open === 3 && label !== undefined && <TrackingStep key={label.id} label={label} />}
        <LabelList labels={earlier} onTrack={track} />
      </div>
    </section>
  );
}

/** The label to track: the one that was asked for, else this parcel's, else the newest. */
function trackedLabel({ label, labels }: Parcel, number: string | undefined): Label | undefined {
  const numbered = labels.filter((each) => each.trackingNumber !== undefined);
  return numbered.find((each) => each.trackingNumber === number) ?? label ?? numbered.at(-1);
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whether the quotes went because the details changed, until there are new ones or another parcel. */
function useQuotesGone(parcel: Parcel): boolean {
  const [before, setBefore] = useState(parcel);
  const [areGone, setAreGone] = useState(false);
  if (before !== parcel) {
    setBefore(parcel);
    if (quotesWent(before, parcel)) setAreGone(true);
    else if (parcel.quotes.length > 0 || parcel.shipmentId !== before.shipmentId) setAreGone(false);
  }
  return areGone;
}

/** Says what became different, to who cannot see it. */
function useNews(parcel: Parcel, isKnown: boolean): void {
  const announce = useAnnounce();
  const before = useRef<Parcel>(undefined);
  useEffect(() => {
    if (!isKnown) return;
    const news = before.current && newsOf(before.current, parcel);
    before.current = parcel;
    if (news !== undefined) announce(news);
  }, [parcel, isKnown, announce]);
}
