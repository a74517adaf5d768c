import { CircleAlert, LoaderCircle, Package, PenLine } from "lucide-react";
import type { ReactElement } from "react";
import type { AwayItem, DayItem, EditItem, NoteItem, ToolItem, Who } from "./item.js";
import styles from "./Lines.module.css";

const RUNNING: Readonly<Record<string, string>> = {
  get_shipping_quotes: "Looking up prices…",
  track_package: "Looking up where the parcel is…",
  select_quote: "Choosing…",
  new_shipment: "Beginning another parcel…",
};
const FAILED: Readonly<Record<string, string>> = {
  get_shipping_quotes: "No prices could be had",
  track_package: "The parcel could not be looked up",
  select_quote: "Not chosen",
  create_label: "No label was made",
  void_label: "The label was not voided",
};

/** A call that died with the server: what it did outside nobody here knows, so nothing is claimed about it. */
const CUT_SHORT = /^The server stopped/;

/** A tool at work, or what came of it where no card tells that. */
export function ToolLine({ item }: { readonly item: ToolItem }): ReactElement {
  const { tool, state, isBobs, say = "" } = item;
  if (state === "running") {
    return (
      <p className={styles.line}>
        <LoaderCircle size={14} className={styles.turning} aria-hidden /> {RUNNING[tool] ?? "Looking something up…"}
      </p>
    );
  }
  if (state === "failed") {
    if (CUT_SHORT.test(say)) return <NoteLine item={{ text: say }} />;
    const what = FAILED[tool] ?? "That did not work";
    return (
      <p className={styles.line} data-bad={!isBobs}>
        {/* What went wrong for Bob he says in words of his own. */}
        <CircleAlert size={14} aria-hidden /> {isBobs || say === "" ? `${what}.` : `${what}. ${say}`}
      </p>
    );
  }
  if (tool === "new_shipment") return <Divider text="New parcel" />;
  return (
    <p className={styles.line}>
      <Package size={14} aria-hidden /> {tool === "select_quote" ? `You chose ${say}` : say}
    </p>
  );
}

/** What somebody changed by hand. */
export function EditLine({ item }: { readonly item: EditItem }): ReactElement {
  const where = item.by.who === "elsewhere" ? " on another device" : "";
  return (
    <p className={styles.line}>
      <PenLine size={14} aria-hidden />
      <span>
        {name(item.by)} changed {item.changes.join("; ")}
        {where}.
      </span>
    </p>
  );
}

function name(by: Who): string {
  return by.who === "other" ? by.name : "You";
}

export function NoteLine({ item }: { readonly item: Pick<NoteItem, "text"> }): ReactElement {
  return <p className={styles.line}>{item.text}</p>;
}

export function DayLine({ item }: { readonly item: DayItem }): ReactElement {
  return <Divider text={item.name} />;
}

/** What happened while nobody looked, before what is new. */
export function AwayCard({ item }: { readonly item: AwayItem }): ReactElement {
  return (
    <section className={styles.away} aria-label="While you were away">
      <h3>While you were away</h3>
      <ul>
        {item.lines.map((line, at) => (
          <li key={at}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

function Divider({ text }: { readonly text: string }): ReactElement {
  return (
    <div className={styles.divider}>
      <span>{text}</span>
    </div>
  );
}
