import type { JsonObject } from "@shipanion/client";
import { Ban, CircleAlert, CircleCheck, Copy, Download, LoaderCircle, Printer } from "lucide-react";
import type { ReactElement } from "react";
import { useState } from "react";
import { Badge } from "../ui/Badge.js";
import { ButtonLink, IconButton } from "../ui/Button.js";
import { useAnnounce } from "../ui/Announcer.js";
import styles from "./Card.module.css";
import { objects, price, service, text } from "./figures.js";
import type { EffectItem } from "./item.js";
import { useAround } from "./ThreadContext.js";

const UNDER_WAY: Readonly<Record<string, string>> = { buy: "Buying the label…", void: "Voiding the label…" };
const SAMPLE_UNDER_WAY: Readonly<Record<string, string>> = {
  buy: "Making the sample label…",
  void: "Voiding the sample label…",
};
const FAILED: Readonly<Record<string, string>> = { buy: "The label was not bought", void: "The label was not voided" };

/** Something done outside: it is being done, was, surely was not, or nobody knows yet. */
export function EffectCard({ item }: { readonly item: EffectItem }): ReactElement {
  const { what, status, about, say } = item;
  const isSample = about.is_sample === true;
  if (status === "settled" && what === "buy") return <Label item={item} />;
  if (status === "settled") {
    return (
      <section className={styles.card} aria-label="Done">
        <p className={styles.line}>
          <Ban size={18} aria-hidden /> <span>{say ?? "Done."}</span>
        </p>
      </section>
    );
  }
  if (status === "failed") {
    return (
      <section className={styles.card} aria-label="Not done" data-bad>
        <p className={styles.line}>
          <CircleAlert size={18} aria-hidden />
          <span>
            <strong>{FAILED[what] ?? "It was not done"}.</strong> {say}
          </span>
        </p>
      </section>
    );
  }
  const isUnknown = status === "unknown";
  return (
    <section className={styles.card} aria-label="Under way">
      <p className={styles.line}>
        <LoaderCircle size={18} className={styles.turning} aria-hidden />
        <span>
          <strong>
            {isUnknown
              ? "Confirming with the carrier…"
              : ((isSample ? SAMPLE_UNDER_WAY : UNDER_WAY)[what] ?? "Doing it…")}
          </strong>{" "}
          {isUnknown ? (say ?? "Nothing is bought twice.") : `${service(about)}, ${price(about.cost)}`}
        </span>
      </p>
    </section>
  );
}

const STATUS: Readonly<Record<string, string>> = {
  voiding: "Being voided",
  void_pending: "Void, the refund is pending",
  voided: "Void",
};

function Label({ item }: { readonly item: EffectItem }): ReactElement {
  const { state } = useAround();
  const label: JsonObject = {
    ...item.about,
    ...objects(state?.labels).find(({ label_id: id }) => id === item.about.label_id),
  };
  const isSample = label.is_sample === true;
  const status = STATUS[text(label.status)];
  const file = ownPath(label.label_url);
  const number = text(label.tracking_number);
  return (
    <section className={styles.card} aria-label={isSample ? "Sample label" : "Label"} data-good={status === undefined}>
      <div className={styles.head}>
        <h3 className={styles.title}>
          {status === undefined && <CircleCheck size={17} aria-hidden />}
          {titleOf(isSample, status !== undefined)}
        </h3>
        {isSample && (
          <Badge tone="warn" title="For practice: nothing was paid, and it cannot be mailed">
            SAMPLE
          </Badge>
        )}
        {status !== undefined && <Badge tone="bad">{status}</Badge>}
      </div>
      <div className={styles.label} data-void={status !== undefined}>
        {file !== undefined && (
          <img
            className={styles.preview}
            src={file.replace(/\.\w+$/, "-qr.png")}
            alt=""
            width={88}
            height={88}
            loading="lazy"
          />
        )}
        <div className={styles.labelFacts}>
          {number !== "" && <Number number={number} />}
          <p>
            {service(label)}, {isSample ? "estimated at " : ""}
            {price(label.cost)}
          </p>
          {text(label.from) !== "" && (
            <p className={styles.soft}>
              {text(label.from)} → {text(label.to)}
            </p>
          )}
        </div>
      </div>
      {file === undefined && (
        <p className={styles.soft}>The carrier sold it, and its picture could not be had. The number counts.</p>
      )}
      {file !== undefined && status === undefined && (
        <div className={styles.answers}>
          <ButtonLink look="primary" href={file} target="_blank" rel="noopener">
            <Printer size={16} aria-hidden /> Print
          </ButtonLink>
          <ButtonLink href={`${file}?download=1`} download>
            <Download size={16} aria-hidden /> Download PDF
          </ButtonLink>
        </div>
      )}
    </section>
  );
}

function titleOf(isSample: boolean, isOver: boolean): string {
  if (isOver) return isSample ? "Sample label" : "Label";
  return isSample ? "Your sample label is made" : "Your label is bought";
}

function Number({ number }: { readonly number: string }): ReactElement {
  const announce = useAnnounce();
  const [isCopied, setCopied] = useState(false);
  return (
    <p className={styles.tracking}>
      <code>{number}</code>
      <IconButton
        size="small"
        label={isCopied ? "Copied" : "Copy the tracking number"}
        onClick={() => {
          copy(number).then(
            () => {
              setCopied(true);
              announce("Tracking number copied.");
            },
            () => undefined,
          );
        }}
      >
        {isCopied ? <CircleCheck size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
      </IconButton>
    </p>
  );
}

/** A page that is not https has no clipboard to write to. */
async function copy(words: string): Promise<void> {
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  if (clipboard === undefined) throw new Error("No clipboard here.");
  await clipboard.writeText(words);
}

/** The file on this server, whatever name the server goes by. */
function ownPath(address: unknown): string | undefined {
  return /\/api\/labels\/[\w.-]+$/.exec(text(address))?.[0];
}
