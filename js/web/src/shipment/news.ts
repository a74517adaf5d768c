/** What became different about a parcel that a person should hear of who does not look at it. Pure. */

import type { LabelStatus, Parcel } from "./parcel.js";
import { ordered } from "./quoteOrder.js";
import { priceText } from "./words.js";

/** A sentence, or undefined where nothing is worth one. */
export function newsOf(before: Parcel, after: Parcel): string | undefined {
  if (after.label !== undefined && after.label.id !== before.label?.id) {
    const { isSample, carrier, service, trackingNumber } = after.label;
    const number = trackingNumber === undefined ? "" : `, tracking number ${trackingNumber}`;
    return `${isSample ? "The sample label is made" : "The label is bought"}: ${carrier} ${service}${number}.`;
  }
  const voided = after.labels.find(
    ({ id, status }) => isVoid(status) && before.labels.some((each) => each.id === id && !isVoid(each.status)),
  );
  if (voided !== undefined) return `The label ${voided.trackingNumber ?? ""} is void.`;
  if (after.refusal !== undefined && after.refusal !== before.refusal) return after.refusal;
  if (after.approval !== undefined && after.approval.id !== before.approval?.id) return after.approval.text;
  if (after.purchase?.status === "unknown" && before.purchase?.status !== "unknown") {
    return "The carrier is being asked whether the label was bought.";
  }
  if (after.quotes.length > 0 && before.quotes.length === 0) {
    const [low] = ordered(after.quotes, "price");
    const many = after.quotes.length === 1 ? "1 quote" : `${after.quotes.length} quotes`;
    return low && `${many}. The cheapest is ${low.carrier} ${low.service} for ${priceText(low.cost)}.`;
  }
  return quotesWent(before, after) ? QUOTES_GONE : undefined;
}

function isVoid(status: LabelStatus): boolean {
  return status === "voided" || status === "void_pending";
}

export const QUOTES_GONE = "The details changed, so the earlier quotes no longer count.";

/** Whether a parcel lost its quotes because something about it changed; not because another parcel was begun. */
export function quotesWent(before: Parcel, after: Parcel): boolean {
  const isSame = before.shipmentId === after.shipmentId && before.label === undefined && !after.isFrozen;
  return isSame && before.quotes.length > 0 && after.quotes.length === 0;
}
