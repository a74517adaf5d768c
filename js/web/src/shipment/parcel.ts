/**
 * The parcel as it is shown: read from the shared state, with this page's own edits that are not in it yet laid over.
 *
 * The state comes from a server that may be newer or older than this page, so everything in it may be missing or of
 * another type: what cannot be read is not there. Nothing here throws.
 */

import type { Json, JsonObject, Pending } from "@shipanion/client";

export interface Address {
  readonly name: string;
  readonly street: string;
  readonly unit: string;
  readonly city: string;
  readonly state: string;
  readonly zip: string;
}

/** Texts as their fields show them; empty where nothing is known. */
export interface Details {
  readonly from: string;
  readonly fromPlace: string;
  readonly to: string;
  readonly toPlace: string;
  /** Pounds. */
  readonly weight: string;
  /** Inches: `12x10x8`. */
  readonly dimensions: string;
  readonly sender: Address | undefined;
  readonly recipient: Address | undefined;
}

export interface Quote {
  readonly id: string;
  readonly carrier: string;
  readonly service: string;
  /** Dollars. */
  readonly cost: number;
  readonly days: number | undefined;
  /** ISO date. */
  readonly delivery: string | undefined;
  readonly isEstimate: boolean;
  /** ISO date. */
  readonly pricesAsOf: string | undefined;
  readonly notes: readonly string[];
}

/** What the owner's yes is asked for. Times are ms since 1970. */
export interface Approval {
  readonly id: string;
  readonly kind: "buy" | "void";
  readonly text: string;
  readonly expiresAt: number;
  readonly carrier: string;
  readonly service: string;
  readonly price: number | undefined;
  readonly eta: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly labelId: string | undefined;
  readonly isSample: boolean;
}

export interface Purchase {
  readonly status: "claimed" | "unknown";
  readonly carrier: string;
  readonly service: string;
  readonly cost: number | undefined;
  readonly isSample: boolean;
}

export type LabelStatus = "bought" | "confirming" | "voiding" | "void_pending" | "voided";

export interface Label {
  readonly id: string;
  readonly trackingNumber: string | undefined;
  readonly carrier: string;
  readonly service: string;
  readonly cost: number | undefined;
  /** Where its file is read: a path of this server's, or undefined where the carrier gave no picture. */
  readonly url: string | undefined;
  readonly qr: string | undefined;
  readonly isSample: boolean;
  readonly at: number | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly status: LabelStatus;
}

/** 0 details, 1 quotes, 2 chosen, asked or being bought, 3 labelled. */
export type StateStep = 0 | 1 | 2 | 3;

export interface Parcel {
  readonly shipmentId: string | undefined;
  readonly step: StateStep;
  readonly details: Details;
  readonly quotes: readonly Quote[];
  readonly quotesExpireAt: number | undefined;
  readonly chosen: Quote | undefined;
  readonly approval: Approval | undefined;
  readonly purchase: Purchase | undefined;
  /** Why the last purchase or void was surely not made, in words. */
  readonly refusal: string | undefined;
  readonly label: Label | undefined;
  /** Every label of the session, oldest first. */
  readonly labels: readonly Label[];
  /** The members of `shipping_details` that this page has changed and the log does not have yet. */
  readonly unsent: ReadonlySet<string>;
  /** Whether the details stand as they are: it is being bought, or has its label. */
  readonly isFrozen: boolean;
}

const MEASURED: readonly string[] = ["from", "to", "weight_lbs", "dimensions"];
const OF_QUOTES: readonly string[] = ["quotes", "quotes_expire_at", "chosen"];

/** The parcel of `state`, as it will be once `pending` is committed, as far as that can be known here. */
export function readParcel(state: unknown, pending: readonly Pending[] = []): Parcel {
  const { after, unsent } = withPending(object(state), pending);
  const quotes = list(after.quotes).flatMap(readQuote);
  const chosen = quotes.find((quote) => quote.id === after.chosen);
  const labels = list(after.labels).flatMap((entry) => readLabel(entry));
  const purchase = readPurchase(after.purchase);
  const [bare] = readLabel(after.label);
  const listed = labels.find((label) => label.id === bare?.id);
  const label = bare && listed ? { ...listed, qr: bare.qr, url: bare.url ?? listed.url } : bare;
  return {
    shipmentId: text(after.shipment_id),
    step: label ? 3 : chosen || purchase ? 2 : quotes.length > 0 ? 1 : 0,
    details: readDetails(object(after.shipping_details)),
    quotes,
    quotesExpireAt: number(after.quotes_expire_at),
    chosen,
    approval: readApproval(after.approval),
    purchase,
    refusal: text(object(after.refusal).say),
    label,
    labels,
    unsent,
    isFrozen: label !== undefined || purchase !== undefined,
  };
}

/** Parameters of `get_shipping_quotes` for these details. What is not a number goes as it is: the server says so. */
export function quoteParameters({ from, to, weight, dimensions }: Details): JsonObject {
  const pounds = Number(weight);
  return {
    from_zip: from,
    to_zip: to,
    weight: weight.trim() !== "" && Number.isFinite(pounds) ? pounds : weight,
    ...(dimensions === "" ? {} : { dimensions }),
  };
}

// --- what this page has changed ---------------------------------------------------------------------------------------

function withPending(state: JsonObject, pending: readonly Pending[]): { after: JsonObject; unsent: Set<string> } {
  const unsent = new Set<string>();
  let after = state;
  for (const { command, acked, isBeingKept } of pending) {
    const call = object(command.client_tool_call);
    if (command.type === "update_state") {
      const patch = object(command.patch).shipping_details;
      if (acked === undefined && !isBeingKept) for (const key of Object.keys(object(patch))) unsent.add(key);
      after = edited(after, patch);
    } else if (call.tool_name === "select_quote") {
      const { quote } = object(call.parameters);
      const isThere = list(after.quotes).some((item) => object(item).id === quote);
      if (isThere && quote !== undefined) after = { ...after, chosen: quote };
    }
  }
  return { after, unsent };
}

function edited(state: JsonObject, patch: Json | undefined): JsonObject {
  if (patch === null) return without(state, ["shipping_details", ...OF_QUOTES]);
  const changes = Object.entries(object(patch));
  if (changes.length === 0) return state;
  const known = object(state.shipping_details);
  const details = new Map(Object.entries(known));
  for (const [key, value] of changes) {
    if (value === null) details.delete(key);
    else details.set(key, value);
    if ((key === "from" || key === "to") && value !== known[key]) details.delete(`${key}_place`);
  }
  const after = { ...state, shipping_details: Object.fromEntries(details) };
  const isMeasured = changes.some(([key, value]) => MEASURED.includes(key) && !isSame(value, known[key]));
  return isMeasured ? without(after, OF_QUOTES) : after;
}

/** Whether an edit leaves a value as it is; a number may come as text. */
function isSame(value: Json, known: Json | undefined): boolean {
  return plain(value) === plain(known);
}

function without(state: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !keys.includes(key)));
}

// --- reading ----------------------------------------------------------------------------------------------------------

function readDetails(details: JsonObject): Details {
  return {
    from: plain(details.from),
    fromPlace: plain(details.from_place),
    to: plain(details.to),
    toPlace: plain(details.to_place),
    weight: plain(details.weight_lbs),
    dimensions: plain(details.dimensions),
    sender: readAddress(details.sender),
    recipient: readAddress(details.recipient),
  };
}

function readAddress(value: Json | undefined): Address | undefined {
  const address = object(value);
  if (Object.keys(address).length === 0) return undefined;
  const { name, street, unit, city, state, zip } = address;
  return {
    name: plain(name),
    street: plain(street),
    unit: plain(unit),
    city: plain(city),
    state: plain(state),
    zip: plain(zip),
  };
}

function readQuote(value: Json): readonly Quote[] {
  const quote = object(value);
  const [id, service, cost] = [text(quote.id), text(quote.service), number(quote.cost)];
  if (id === undefined || service === undefined || cost === undefined) return [];
  return [
    {
      id,
      service,
      cost,
      carrier: plain(quote.carrier),
      days: number(quote.transit_days),
      delivery: text(quote.estimated_delivery),
      isEstimate: quote.estimate === true,
      pricesAsOf: text(quote.prices_as_of),
      notes: list(quote.notes).flatMap((note) => text(note) ?? []),
    },
  ];
}

function readApproval(value: Json | undefined): Approval | undefined {
  const approval = object(value);
  const [id, expiresAt] = [text(approval.approval_id), number(approval.expires_at)];
  if (id === undefined || expiresAt === undefined) return undefined;
  return {
    id,
    expiresAt,
    kind: approval.kind === "void" ? "void" : "buy",
    text: plain(approval.text),
    carrier: plain(approval.carrier),
    service: plain(approval.service),
    price: number(approval.price),
    eta: text(approval.eta),
    from: text(approval.from),
    to: text(approval.to),
    labelId: text(approval.label_id),
    isSample: approval.is_sample === true,
  };
}

function readPurchase(value: Json | undefined): Purchase | undefined {
  const purchase = object(value);
  if (Object.keys(purchase).length === 0) return undefined;
  return {
    status: purchase.status === "unknown" ? "unknown" : "claimed",
    carrier: plain(purchase.carrier),
    service: plain(purchase.service),
    cost: number(purchase.cost),
    isSample: purchase.is_sample === true,
  };
}

const STATUSES: readonly LabelStatus[] = ["bought", "confirming", "voiding", "void_pending", "voided"];

function readLabel(value: Json | undefined): readonly Label[] {
  const label = object(value);
  const id = text(label.label_id);
  if (id === undefined) return [];
  return [
    {
      id,
      trackingNumber: text(label.tracking_number),
      carrier: plain(label.carrier),
      service: plain(label.service),
      cost: number(label.cost),
      url: ownPath(label.label_url),
      qr: ownPath(label.qr_code),
      isSample: label.is_sample === true,
      at: number(label.at),
      from: text(label.from),
      to: text(label.to),
      status: STATUSES.find((status) => status === label.status) ?? "bought",
    },
  ];
}

/** The path of a file of this server's, under whatever name it is published; anything else is no file of ours. */
function ownPath(value: Json | undefined): string | undefined {
  return /^(?:https?:\/\/[^/?#]+)?(?:\/[\w.-]+)*?(\/api\/labels\/[\w.-]+)$/.exec(text(value) ?? "")?.[1];
}

function object(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** What a field shows: text as it is, a number in digits, nothing else. */
function plain(value: Json | undefined): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
