import type { Json } from "@shipanion/client";
import { LoaderCircle } from "lucide-react";
import type { ReactElement } from "react";
import { useId, useRef, useState } from "react";
import { useCurrentSession } from "../session/CurrentSession.js";
import { Button } from "../ui/Button.js";
import { AddressFields } from "./AddressFields.js";
import { DimensionFields } from "./DimensionFields.js";
import { EditField } from "./EditField.js";
import { NewParcel } from "./NewParcel.js";
import { Note } from "./Note.js";
import { useShipment } from "./Shipment.js";
import { quoteParameters, readParcel } from "./parcel.js";
import { textOf } from "./refusedText.js";
import type { DraftsHere } from "./useDrafts.js";
import { readPounds } from "./weight.js";
import styles from "./steps.module.css";

type Member = "from" | "to" | "weight_lbs";

/** What the server calls a member when a quote is asked for. */
const PARAMETER: Readonly<Record<Member, string>> = { from: "from_zip", to: "to_zip", weight_lbs: "weight" };
const NEEDED: Readonly<Record<Member, string>> = {
  from: "Needed for a price: where it is sent from.",
  to: "Needed for a price: where it goes.",
  weight_lbs: "Needed for a price.",
};
const MEMBERS = ["from", "to", "weight_lbs"] as const;

/** Route, weight, size and addresses: one state, which Bob edits too. */
export function DetailsStep({
  here,
  onQuotes,
}: {
  readonly here: DraftsHere;
  readonly onQuotes: () => void;
}): ReactElement {
  const { session } = useCurrentSession();
  const { parcel, edits, isLive, unkept, edit, mend, run, busy, failure } = useShipment();
  const { details, unsent, isFrozen } = parcel;
  const form = useRef<HTMLDivElement>(null);
  const [isAsked, setIsAsked] = useState(false);
  const problemId = useId();
  const values: Record<Member, string> = { from: details.from, to: details.to, weight_lbs: details.weight };
  const asking = busy("get_shipping_quotes");
  const failed = failure("get_shipping_quotes");
  const isAtField = MEMBERS.some((member) => failed?.field === PARAMETER[member]) || failed?.field === "dimensions";

  const commit = (member: Member, text: string) => {
    if (edit({ [member]: valueOf(member, text) })) here.drop(member);
  };
  const askForQuotes = () => {
    setIsAsked(true);
    for (const member of MEMBERS) {
      const draft = here.drafts[member];
      if (draft !== undefined) commit(member, draft.text);
    }
    const { state, pending } = session.snapshot();
    const now = readParcel(state, pending).details;
    const missing = [now.from, now.to, now.weight].indexOf("");
    if (missing >= 0) {
      form.current?.querySelector<HTMLInputElement>(`input[name="${MEMBERS[missing] ?? ""}"]`)?.focus();
      return;
    }
    onQuotes();
    run("get_shipping_quotes", quoteParameters(now));
  };
  const problem = (member: Member) => {
    if (here.drafts[member] !== undefined) return undefined;
    const refused = edits.refused.get(member);
    if (refused !== undefined) return refused.say;
    if (failed?.field === PARAMETER[member]) return failed.say;
    return isAsked && values[member] === "" ? NEEDED[member] : undefined;
  };
  const field = (member: Member) => ({
    name: member,
    shown: values[member],
    draft: here.drafts[member],
    problem: problem(member),
    refusedText: textOf(edits.refused.get(member)?.value),
    change: edits.changes.get(member),
    isUnsent: !isLive && unsent.has(member),
    readOnly: isFrozen,
    onDraft: (text: string) => {
      mend(member);
      here.type(member, text, values[member]);
    },
    onCommit: (text: string) => {
      commit(member, text);
    },
    onDrop: () => {
      mend(member);
      here.drop(member);
    },
  });

  return (
    <div className={styles.step} ref={form}>
      {isFrozen && (
        <Note tone="neutral">
          {parcel.label ? "This parcel has its label, so its details stand." : "Its label is being bought."}
        </Note>
      )}
      <div className={styles.pair}>
        <EditField
          label="From ZIP"
          inputMode="numeric"
          hint={details.fromPlace === "" ? "Five digits" : details.fromPlace}
          {...field("from")}
        />
        <EditField
          label="To ZIP"
          inputMode="numeric"
          hint={details.toPlace === "" ? "Five digits" : details.toPlace}
          {...field("to")}
        />
      </div>
      <EditField
        label="Weight"
        unit="lb"
        inputMode="text"
        hint="Pounds; “5 lb 3 oz” or “2 kg” will do too"
        {...field("weight_lbs")}
      />
      <DimensionFields here={here} problem={failed?.field === "dimensions" ? failed.say : undefined} />
      <AddressFields here={here} who="sender" />
      <AddressFields here={here} who="recipient" />
      {unkept !== undefined && <Note tone="bad">{unkept}</Note>}
      {isFrozen ? (
        <NewParcel />
      ) : (
        <div className={styles.actions}>
          {failed !== undefined && !isAtField && (
            <Note tone="bad" id={problemId}>
              {failed.say}
            </Note>
          )}
          <Button
            look={parcel.step === 0 ? "primary" : "secondary"}
            size="large"
            className={styles.wide}
            disabled={asking !== undefined}
            onClick={askForQuotes}
          >
            {asking === undefined ? (
              parcel.quotes.length > 0 ? (
                "Get fresh quotes"
              ) : (
                "Get quotes"
              )
            ) : (
              <>
                <LoaderCircle size={18} className={styles.turning} aria-hidden="true" />
                {asking === "unsent" && !isLive ? "Asked for; goes out when the line is back" : "Getting quotes…"}
              </>
            )}
          </Button>
        </div>
      )}
    </div>
  );
}

/** What is sent for what was typed. A weight that cannot be read goes as it is: the server says what is wrong. */
function valueOf(member: Member, text: string): Json {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  return member === "weight_lbs" ? (readPounds(trimmed) ?? trimmed) : trimmed;
}
