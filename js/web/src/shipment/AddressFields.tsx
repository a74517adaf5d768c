import { ChevronRight } from "lucide-react";
import type { FocusEvent, ReactElement } from "react";
import { useState } from "react";
import { Button } from "../ui/Button.js";
import { EditField } from "./EditField.js";
import { useShipment } from "./Shipment.js";
import type { Address } from "./parcel.js";
import { partOf } from "./refusedText.js";
import type { DraftsHere } from "./useDrafts.js";
import styles from "./AddressFields.module.css";

const PARTS = ["name", "street", "unit", "city", "state", "zip"] as const;
const TITLES = { sender: "Sender’s address", recipient: "Recipient’s address" } as const;
const ENDS = { sender: "from", recipient: "to" } as const;
const AUTOFILL = {
  name: "name",
  street: "address-line1",
  unit: "address-line2",
  city: "address-level2",
  state: "address-level1",
  zip: "postal-code",
} as const;
const NOWHERE: Address = { name: "", street: "", unit: "", city: "", state: "", zip: "" };

/** One address, one value of the state: committed as a whole, when the group is left and name and street are there. */
export function AddressFields({
  here,
  who,
}: {
  readonly here: DraftsHere;
  readonly who: "sender" | "recipient";
}): ReactElement {
  const { parcel, edits, isLive, edit, mend } = useShipment();
  const shown = parcel.details[who] ?? NOWHERE;
  const refused = edits.refused.get(who);
  const change = edits.changes.get(who);
  const draftOf = (part: keyof Address) => here.drafts[`${who}.${part}`];
  const isTyping = PARTS.some((part) => draftOf(part) !== undefined);
  const textOfPart = (part: keyof Address) =>
    (draftOf(part)?.text ?? partOf(refused?.value, part) ?? shown[part]).trim();
  const [isOpened, setIsOpened] = useState<boolean>();
  const isOpen = isOpened ?? (isTyping || refused !== undefined);
  const hasRoute = parcel.details[ENDS[who]] !== "";
  const isEmpty = PARTS.every((part) => textOfPart(part) === "");
  const missing = (["name", "street"] as const).filter((part) => textOfPart(part) === "");

  const commit = () => {
    if (!isTyping || (!isEmpty && missing.length > 0)) return;
    const parts = PARTS.map((part) => [part, textOfPart(part)] as const).filter(([, text]) => text !== "");
    if (edit({ [who]: isEmpty ? null : Object.fromEntries(parts) })) here.drop(who);
  };
  const drop = () => {
    mend(who);
    here.drop(who);
  };
  const field = (part: keyof Address) => ({
    name: `${who}.${part}`,
    autoComplete: `section-${who} ${AUTOFILL[part]}`,
    shown: shown[part],
    draft: draftOf(part),
    refusedText: partOf(refused?.value, part),
    readOnly: parcel.isFrozen,
    onDraft: (text: string) => {
      // What was refused is what is being mended, so its other parts stay as they were typed.
      if (refused !== undefined) {
        for (const other of PARTS) here.type(`${who}.${other}`, partOf(refused.value, other) ?? "", shown[other]);
        mend(who);
      }
      here.type(`${who}.${part}`, text, shown[part]);
    },
    onDrop: drop,
  });
  const problem = isTyping ? undefined : refused?.say;
  const hint =
    isTyping && !isEmpty && missing.length > 0
      ? `Still needed: ${missing.join(" and ")}`
      : change !== undefined && !isTyping
        ? `Changed by ${change.by}`
        : !isLive && parcel.unsent.has(who)
          ? "Not sent yet"
          : undefined;

  return (
    <details
      className={styles.address}
      open={isOpen}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== isOpen) setIsOpened(currentTarget.open);
      }}
      onBlur={({ currentTarget, relatedTarget }: FocusEvent) => {
        if (!currentTarget.contains(relatedTarget)) commit();
      }}
    >
      <summary className={styles.summary}>
        <ChevronRight size={16} className={styles.arrow} aria-hidden="true" />
        <span className={styles.title}>{TITLES[who]}</span>
        <span className={styles.short}>{shortOf(shown)}</span>
      </summary>
      {hasRoute ? (
        <div
          className={styles.fields}
          onKeyDown={(event) => {
            if (event.key === "Enter" && event.target instanceof HTMLInputElement) commit();
          }}
        >
          <EditField label="Name" className={styles.whole} {...field("name")} />
          <EditField label="Street and number" className={styles.whole} {...field("street")} />
          <EditField label="Unit" className={styles.whole} {...field("unit")} />
          <EditField label="City" {...field("city")} />
          <EditField label="State" maxLength={20} {...field("state")} />
          {problem !== undefined && (
            <p className={styles.problem} role="alert">
              {problem}
            </p>
          )}
          {hint !== undefined && problem === undefined && <p className={styles.hint}>{hint}</p>}
          {!isEmpty && !parcel.isFrozen && (
            <Button
              size="small"
              look="quiet"
              className={styles.clear}
              onClick={() => {
                drop();
                if (parcel.details[who] !== undefined) edit({ [who]: null });
              }}
            >
              Clear
            </Button>
          )}
        </div>
      ) : (
        <p className={styles.hint}>Say the {who === "sender" ? "From" : "To"} ZIP first; the address lies there.</p>
      )}
    </details>
  );
}

function shortOf({ name, city, state }: Address): string {
  if (name === "") return "optional";
  return city === "" ? name : `${name}, ${city}${state === "" ? "" : `, ${state}`}`;
}
