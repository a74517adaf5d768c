/** When a credential is to be renewed. */

const SOONEST_MS = 20_000;
const LATEST_MS = 6 * 3_600_000;
/** This device's clock is wrong, or the credential is about to end: look again soon, but not all the time. */
const DOUBTFUL_MS = 5 * 60_000;

/**
 * How long to wait before asking for the next ticket: half of what is left, so that one failed try costs nothing.
 *
 * @param expiresAt ms on the server's clock
 * @param now ms on this device's clock
 */
export function renewalDelay(expiresAt: number, now: number): number {
  const left = expiresAt - now;
  if (!Number.isFinite(left) || left <= SOONEST_MS) return DOUBTFUL_MS;
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, left / 2));
}
