/** The four steps of the pane, which of them can be looked at, and which one is shown. Pure. */

import type { Parcel } from "./parcel.js";

export const STEPS = ["Details", "Quotes", "Label", "Tracking"] as const;

/** An index into `STEPS`. */
export type Step = 0 | 1 | 2 | 3;

/** Where the work is. A parcel that has its label stays there: first it is printed. */
export function frontOf({ step }: Parcel): Step {
  return step === 3 ? 2 : step;
}

/** Which steps there is something to see in. */
export function reachable(parcel: Parcel): readonly boolean[] {
  const front = frontOf(parcel);
  return [true, parcel.quotes.length > 0, front === 2, parcel.labels.some((label) => label.trackingNumber)];
}

/** Which steps are behind the parcel. */
export function done(parcel: Parcel): readonly boolean[] {
  const front = frontOf(parcel);
  return [front > 0, front > 1, parcel.label !== undefined, false];
}

/** The step to show: the one that was asked for if it is still there, else the front. */
export function shown(parcel: Parcel, wanted: Step | undefined): Step {
  return wanted !== undefined && reachable(parcel)[wanted] === true ? wanted : frontOf(parcel);
}

/** What was kept of an earlier life, if it is a step. */
export function readStep(kept: unknown): Step | undefined {
  return kept === 0 || kept === 1 || kept === 2 || kept === 3 ? kept : undefined;
}
