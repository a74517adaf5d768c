/** How long ago something was, as short as it can be said. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * @param at ms since 1970; a time to come is now, since two clocks never agree
 * @param now the same, on this device
 */
export function relativeTime(at: number, now: number): string {
  const ago = now - at;
  if (ago < MINUTE) return "now";
  if (ago < HOUR) return `${Math.floor(ago / MINUTE)} min`;
  const days = dayOf(now) - dayOf(at);
  if (days === 0) return `${Math.floor(ago / HOUR)} h`;
  if (days === 1) return "yesterday";
  const date = new Date(at);
  if (days < 7) return date.toLocaleDateString("en", { weekday: "long" });
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString("en", { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) });
}

/** The number of its day, in this device's time zone. */
function dayOf(at: number): number {
  const date = new Date(at);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / (24 * HOUR));
}
