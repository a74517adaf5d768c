import type { FocusEvent, ReactElement } from "react";
import { useId } from "react";
import { classes } from "../ui/classes.js";
import { useShipment } from "./Shipment.js";
import { sidesOf } from "./drafts.js";
import { textOf } from "./refusedText.js";
import type { DraftsHere } from "./useDrafts.js";
import styles from "./DimensionFields.module.css";

const SIDES = ["Length", "Width", "Height"] as const;

/** Three sides in inches, one value of the state: committed together, when all three are there. */
export function DimensionFields({
  here,
  problem,
}: {
  readonly here: DraftsHere;
  readonly problem: string | undefined;
}): ReactElement {
  const { parcel, edits, isLive, edit, mend } = useShipment();
  const id = useId();
  const shown = sidesOf(parcel.details.dimensions);
  const refused = edits.refused.get("dimensions");
  const tried = refused === undefined ? shown : sidesOf(textOf(refused.value) ?? "");
  const drafts = SIDES.map((_, at) => here.drafts[`dimensions.${at}`]);
  const isTyping = drafts.some((draft) => draft !== undefined);
  const texts = SIDES.map((_, at) => (drafts[at]?.text ?? tried[at] ?? "").trim());
  const filled = texts.filter((text) => text !== "").length;
  const change = edits.changes.get("dimensions");

  const commit = () => {
    if (!isTyping || (filled > 0 && filled < 3)) return;
    if (edit({ dimensions: filled === 0 ? null : texts.join("x") })) here.drop("dimensions");
  };
  const said = isTyping ? undefined : (refused?.say ?? problem);
  const hint =
    isTyping && filled > 0 && filled < 3
      ? "All three sides are needed; until then the size is not counted"
      : change !== undefined && !isTyping
        ? `Changed by ${change.by}`
        : !isLive && parcel.unsent.has("dimensions")
          ? "Not sent yet"
          : "Inches, if you know them";
  return (
    <fieldset
      className={classes(styles.group, change !== undefined && !isTyping && styles.changed)}
      aria-describedby={`${id}-said`}
      onBlur={({ currentTarget, relatedTarget }: FocusEvent) => {
        if (!currentTarget.contains(relatedTarget)) commit();
      }}
    >
      <legend className={styles.legend}>Size</legend>
      <div className={styles.sides}>
        {SIDES.map((side, at) => (
          <label key={side} className={styles.side}>
            <span className={styles.name}>{side}</span>
            <input
              name={`dimensions.${at}`}
              className={styles.input}
              inputMode="decimal"
              autoComplete="off"
              readOnly={parcel.isFrozen}
              aria-invalid={said !== undefined}
              value={drafts[at]?.text ?? tried[at]}
              onChange={(event) => {
                // What was refused is what is being mended, so its sides stay as they were typed.
                if (refused !== undefined) {
                  for (const [other, text] of tried.entries())
                    here.type(`dimensions.${other}`, text, shown[other] ?? "");
                  mend("dimensions");
                }
                here.type(`dimensions.${at}`, event.target.value, shown[at] ?? "");
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter") commit();
                if (event.key === "Escape") {
                  here.drop("dimensions");
                  mend("dimensions");
                }
              }}
            />
          </label>
        ))}
      </div>
      <p id={`${id}-said`} className={said === undefined ? styles.hint : styles.problem} role={said && "alert"}>
        {said ?? hint}
      </p>
    </fieldset>
  );
}
