/** What a carrier's status means to a person. */

export interface Standing {
  readonly text: string;
  readonly tone: "neutral" | "accent" | "good" | "bad";
  /** Whether it is still to arrive. */
  readonly isOpen: boolean;
}

const STANDINGS: Readonly<Record<string, Standing>> = {
  PRE_TRANSIT: { text: "Not handed in yet", tone: "neutral", isOpen: true },
  IN_TRANSIT: { text: "On its way", tone: "accent", isOpen: true },
  OUT_FOR_DELIVERY: { text: "Out for delivery", tone: "accent", isOpen: true },
  DELIVERED: { text: "Delivered", tone: "good", isOpen: false },
  RETURNED: { text: "Sent back", tone: "bad", isOpen: false },
  FAILURE: { text: "Could not be delivered", tone: "bad", isOpen: false },
};
const UNKNOWN: Standing = { text: "Not seen yet", tone: "neutral", isOpen: false };

/** A status that this page does not know is one that says nothing. */
export function standingOf(status: string): Standing {
  return (Object.hasOwn(STANDINGS, status) ? STANDINGS[status] : undefined) ?? UNKNOWN;
}
