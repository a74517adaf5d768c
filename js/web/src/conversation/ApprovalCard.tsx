import { Check, Clock, X } from "lucide-react";
import type { ReactElement } from "react";
import { useEffect } from "react";
import { useAnnounce } from "../ui/Announcer.js";
import { Badge } from "../ui/Badge.js";
import { Button } from "../ui/Button.js";
import styles from "./Card.module.css";
import { answering } from "./ending.js";
import { fields, left, place, price, service, text, weight } from "./figures.js";
import type { ApprovalItem, Who } from "./item.js";
import { useAround } from "./ThreadContext.js";
import { useAttempt } from "./useAttempt.js";
import { useNow } from "../ui/useNow.js";

const TITLES: Readonly<Record<string, string>> = { buy: "Buy this label?", void: "Void this label?" };
const SAMPLE_TITLES: Readonly<Record<string, string>> = {
  buy: "Make this sample label?",
  void: "Void this sample label?",
};
const YES: Readonly<Record<string, string>> = { buy: "Yes, buy it", void: "Yes, void it" };
const OVER: Readonly<Record<string, string>> = {
  expired: "The question has run out.",
  cancelled: "It does not stand any more: something about the parcel has changed.",
};

/** A question that only a person may answer: what it is about, what it costs, until when it holds. */
export function ApprovalCard({ item }: { readonly item: ApprovalItem }): ReactElement {
  const { about, approvalId, decision, decidedBy } = item;
  const { state } = useAround();
  const isStanding = fields(state?.approval).approval_id === approvalId;
  const kind = text(about.kind);
  const isSample = about.is_sample === true;
  const title = (isSample ? SAMPLE_TITLES : TITLES)[kind] ?? (text(about.text) || "A question");
  if (decision !== undefined || !isStanding) {
    return (
      <section className={styles.card} aria-label={title}>
        <div className={styles.compact}>
          <h3 className={styles.title}>{title}</h3>
          {isSample && <Badge tone="warn">SAMPLE</Badge>}
          <span className={styles.soft}>
            {[service(about), "price" in about ? price(about.price) : ""].filter(Boolean).join(", ")}
          </span>
        </div>
        <p className={styles.outcome} data-yes={decision === "approved"}>
          {decision === "approved" ? (
            <Check size={15} aria-hidden />
          ) : decision === "declined" ? (
            <X size={15} aria-hidden />
          ) : (
            <Clock size={15} aria-hidden />
          )}
          {ended(decision, decidedBy)}
        </p>
      </section>
    );
  }
  return <Open item={item} title={title} kind={kind} isSample={isSample} />;
}

/** How it ended, in a sentence. */
function ended(decision: string | undefined, by: Who | undefined): string {
  if (decision !== "approved" && decision !== "declined") return OVER[decision ?? ""] ?? "This question is over.";
  const what = decision === "approved" ? "yes" : "no";
  if (by?.who === "other") return `${by.name} said ${what}.`;
  return `You said ${what}${by?.who === "elsewhere" ? " on another device" : ""}.`;
}

function Open({
  item,
  title,
  kind,
  isSample,
}: {
  readonly item: ApprovalItem;
  readonly title: string;
  readonly kind: string;
  readonly isSample: boolean;
}): ReactElement {
  const { about, approvalId, expiresAt } = item;
  const { session, state, pending, isLive } = useAround();
  const { busy, problem, run } = useAttempt();
  const under = answering(approvalId, pending) ?? busy;
  const answer = (decision: "approved" | "declined") => {
    if (under === undefined) run(decision, () => session.resolve(approvalId, decision));
  };
  const details = fields(state?.shipping_details);
  const known = { ...about, ...(details.from === about.from && details.to === about.to ? details : {}) };
  const size = text(details.dimensions);
  return (
    <section className={styles.card} aria-label={title} data-open>
      <div className={styles.head}>
        <h3 className={styles.title}>{title}</h3>
        {isSample && (
          <Badge tone="warn" title="For practice: nothing is paid, and it cannot be mailed">
            SAMPLE
          </Badge>
        )}
      </div>
      <p className={styles.price}>
        {price(about.price)}
        <span className={styles.priceNote}>{priceNote(kind, isSample)}</span>
      </p>
      <dl className={styles.facts}>
        <Fact name="Service" value={service(about)} />
        <Fact name="Delivery" value={text(about.eta) === "" ? "" : `usually ${text(about.eta)}`} />
        <Fact name="From" value={place(known, "from")} />
        <Fact name="To" value={place(known, "to")} />
        <Fact
          name="Parcel"
          value={[weight(about.weight_lbs), size === "" ? "" : `${size.replaceAll("x", " × ")} in`]
            .filter(Boolean)
            .join(", ")}
        />
        <Fact name="Prices of" value={text(about.prices_as_of)} />
      </dl>
      {kind === "buy" && isSample && (
        <p className={styles.soft}>For practice: nothing is paid, and it cannot be mailed.</p>
      )}
      <div className={styles.answers}>
        <Button
          look="primary"
          size="large"
          disabled={under !== undefined}
          onClick={() => {
            answer("approved");
          }}
        >
          {under === "approved"
            ? isLive
              ? "Saying yes…"
              : "Yes, kept until you are back"
            : yes(kind, isSample, about.price)}
        </Button>
        <Button
          size="large"
          disabled={under !== undefined}
          onClick={() => {
            answer("declined");
          }}
        >
          {under === "declined" ? (isLive ? "Saying no…" : "No, kept until you are back") : "No"}
        </Button>
        {expiresAt !== undefined && <Countdown until={expiresAt} />}
      </div>
      <p className={styles.problem} role="alert">
        {problem}
      </p>
    </section>
  );
}

function priceNote(kind: string, isSample: boolean): string {
  if (kind === "void") return isSample ? "nothing had been paid" : "to ask back";
  return isSample ? "estimate, nothing is paid" : "to pay";
}

function yes(kind: string, isSample: boolean, amount: unknown): string {
  if (kind === "buy" && isSample) return "Yes, make the sample";
  if (kind === "buy") return `Yes, buy it for ${price(amount)}`;
  return YES[kind] ?? "Yes";
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): ReactElement | null {
  if (value === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** How long the question still holds. Screen readers hear of it once, when it becomes short. */
function Countdown({ until }: { readonly until: number }): ReactElement {
  const now = useNow(1_000);
  const announce = useAnnounce();
  const isShort = until - now < 60_000 && until > now;
  useEffect(() => {
    if (isShort) announce("Bob’s question runs out in a minute.");
  }, [isShort, announce]);
  const rest = left(until, now);
  return (
    <span className={styles.countdown} data-short={isShort}>
      <Clock size={14} aria-hidden />
      {rest === "" ? "running out" : `holds for ${rest}`}
    </span>
  );
}
