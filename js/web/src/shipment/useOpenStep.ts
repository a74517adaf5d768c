import { useCallback, useState } from "react";
import type { Parcel } from "./parcel.js";
import type { Step } from "./steps.js";
import { frontOf, shown } from "./steps.js";

/** The step that is shown, and how another is. */
export interface OpenStep {
  readonly open: Step;
  /** Somebody moved the parcel on while this person was looking elsewhere, or typing: where to, and who. */
  readonly moved: { readonly to: Step; readonly by: string | undefined } | undefined;
  readonly show: (step: Step) => void;
  /** Stay with the parcel, wherever it goes. */
  readonly follow: () => void;
}

/**
 * Follows the parcel as long as the person does; who looks back, or is typing, is asked.
 *
 * @param kept the step that this device had open, if it was not the parcel's own
 * @param keep keeps it for the next life of the page
 * @param mover who moved the parcel last; undefined for this page
 */
export function useOpenStep(
  parcel: Parcel,
  isKnown: boolean,
  mover: string | undefined,
  isTyping: boolean,
  kept: Step | undefined,
  keep: (step: Step | undefined) => void,
): OpenStep {
  const front = frontOf(parcel);
  const [wanted, setWanted] = useState(kept);
  const [before, setBefore] = useState(kept);
  if (before !== kept) {
    // The server knew better where this device was.
    setBefore(kept);
    setWanted(kept);
  }
  const [last, setLast] = useState<Step>();
  const [moved, setMoved] = useState<OpenStep["moved"]>();
  if (isKnown && last !== front) {
    setLast(front);
    if (last !== undefined) {
      const stays = mover !== undefined && (wanted !== undefined || isTyping);
      const at = stays ? shown(parcel, wanted ?? last) : front;
      setWanted(at === front ? undefined : at);
      setMoved(at === front ? undefined : { to: front, by: mover });
    }
  }
  const show = useCallback(
    (step: Step) => {
      const next = step === front ? undefined : step;
      setWanted(next);
      setMoved(undefined);
      keep(next);
    },
    [front, keep],
  );
  const follow = useCallback(() => {
    setWanted(undefined);
    setMoved(undefined);
    keep(undefined);
  }, [keep]);
  return { open: shown(parcel, wanted), moved, show, follow };
}
