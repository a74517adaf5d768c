/** Quotes in an order, and which of them stand out. Pure. */

import type { Quote } from "./parcel.js";

export type Order = "price" | "days";

/** Sorted anew; between equals the other figure decides. Quotes without days come last by days. */
export function ordered(quotes: readonly Quote[], by: Order): readonly Quote[] {
  const days = (quote: Quote) => quote.days ?? Number.MAX_SAFE_INTEGER;
  const price = (one: Quote, other: Quote) => one.cost - other.cost;
  const speed = (one: Quote, other: Quote) => days(one) - days(other);
  return [...quotes].sort((one, other) =>
    by === "price" ? price(one, other) || speed(one, other) : speed(one, other) || price(one, other),
  );
}

/** The ids of the cheapest and the fastest; none where there is nothing to choose from. */
export function best(quotes: readonly Quote[]): { readonly cheapest?: string; readonly fastest?: string } {
  if (quotes.length < 2) return {};
  const [cheap] = ordered(quotes, "price");
  const [fast] = ordered(quotes, "days");
  return {
    ...(cheap === undefined ? {} : { cheapest: cheap.id }),
    ...(fast?.days === undefined ? {} : { fastest: fast.id }),
  };
}

/** Each sentence that is noted on any quote, once. */
export function notesOf(quotes: readonly Quote[]): readonly string[] {
  return [...new Set(quotes.flatMap((quote) => quote.notes))];
}
