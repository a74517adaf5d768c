/** Money, days and times as people read them. */

const DOLLARS = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const DAY = new Intl.DateTimeFormat("en-US", { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
const DATE = new Intl.DateTimeFormat("en-US", { month: "short", day: "numeric", year: "numeric", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-US", { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });

const MINUTE = 60_000;

/** `26.05` → `"$26.05"`. */
export function priceText(dollars: number): string {
  return DOLLARS.format(dollars);
}

/** `"2026-11-30"` → `"Mon, Nov 30"`; what is no date stays as it is. */
export function dayText(iso: string): string {
  return dated(iso, DAY);
}

/** `"2026-07-12"` → `"Jul 12, 2026"`; what is no date stays as it is. */
export function dateText(iso: string): string {
  return dated(iso, DATE);
}

/** A moment (ms) where this device is: `"Nov 24, 8:40 AM"`. */
export function momentText(at: number): string {
  return Math.abs(at) <= 8.64e15 ? MOMENT.format(at) : "";
}

/** `5` → `"5 days"`. */
export function daysText(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}

/** How long is left until `at`: `"14 min"`, `"23 h"`; undefined when it is over. */
export function leftText(at: number, now: number): string | undefined {
  const left = at - now;
  if (left <= 0) return undefined;
  if (left < MINUTE) return "less than a minute";
  if (left < 90 * MINUTE) return `${Math.floor(left / MINUTE)} min`;
  const hours = Math.floor(left / (60 * MINUTE));
  return hours < 48 ? `${hours} h` : daysText(Math.floor(hours / 24));
}

/** `"Beverly Hills, CA 90210"`, or the ZIP alone. */
export function endText(zip: string, place: string): string {
  return place === "" ? zip : `${place} ${zip}`;
}

function dated(iso: string, format: Intl.DateTimeFormat): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? Date.parse(iso) : NaN;
  return Number.isNaN(at) ? iso : format.format(at);
}
