import type { ComponentProps, KeyboardEvent, ReactElement, ReactNode } from "react";
import { Field } from "../ui/Field.js";
import { classes } from "../ui/classes.js";
import type { Draft } from "./drafts.js";
import { otherValue } from "./drafts.js";
import type { Change } from "./edits.js";
import styles from "./EditField.module.css";

interface Props extends Omit<ComponentProps<"input">, "id" | "value" | "onChange"> {
  readonly label: string;
  readonly unit?: string;
  readonly hint?: ReactNode;
  /** The shared value, with this page's own changes. */
  readonly shown: string;
  /** What is being typed over it. */
  readonly draft: Draft | undefined;
  readonly onDraft: (text: string) => void;
  /** Enter was pressed, or the field was left with something typed. */
  readonly onCommit?: (text: string) => void;
  /** What was typed is not wanted after all. */
  readonly onDrop: () => void;
  readonly problem?: string | undefined;
  /** What was refused: it stays until it is mended. */
  readonly refusedText?: string | undefined;
  readonly change?: Change | undefined;
  /** Said while the change waits for the line. */
  readonly isUnsent?: boolean;
}

/** Marks what may take the focus without ending the typing. */
const TAKE = "data-take";

/** A field of the shared state. Others' changes show at once, except over what is being typed. */
export function EditField({
  shown,
  draft,
  onDraft,
  onCommit,
  onDrop,
  problem,
  refusedText,
  change,
  isUnsent,
  hint,
  className,
  ...rest
}: Props): ReactElement {
  const other = otherValue(draft, shown);
  const said =
    other !== undefined ? (
      <OtherValue value={other} by={change?.by} onTake={onDrop} />
    ) : change !== undefined && draft === undefined ? (
      `Changed by ${change.by}`
    ) : isUnsent === true ? (
      "Not sent yet"
    ) : (
      hint
    );
  const mark = change !== undefined && draft === undefined && styles[change.offset % 2 === 0 ? "even" : "odd"];
  return (
    <Field
      autoComplete="off"
      spellCheck={false}
      {...rest}
      className={classes(styles.field, mark, className)}
      hint={said}
      problem={problem}
      value={draft?.text ?? refusedText ?? shown}
      onChange={(event) => {
        onDraft(event.target.value);
      }}
      onBlur={({ relatedTarget }) => {
        const isTaking = relatedTarget instanceof HTMLElement && relatedTarget.hasAttribute(TAKE);
        if (draft !== undefined && !isTaking) onCommit?.(draft.text);
      }}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === "Enter" && draft !== undefined) onCommit?.(draft.text);
        if (event.key === "Escape" && (draft !== undefined || refusedText !== undefined)) {
          event.stopPropagation();
          onDrop();
        }
      }}
    />
  );
}

function OtherValue({
  value,
  by,
  onTake,
}: {
  readonly value: string;
  readonly by: string | undefined;
  readonly onTake: () => void;
}): ReactElement {
  const words = value === "" ? "was emptied" : `is ${value}`;
  return (
    <>
      {by === undefined ? "Meanwhile it " : `Changed by ${by}: it `}
      {words}.{" "}
      <button {...{ [TAKE]: true }} type="button" className={styles.take} onClick={onTake}>
        Use that
      </button>
    </>
  );
}
