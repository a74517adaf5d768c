/**
 * Close codes. A close code tells a client what to do next, by its range:
 *
 *     4000-4099   come back now and resume
 *     4100-4199   come back after `retry_after_ms`
 *     4200-4299   sign in first
 *     4300-4399   do not come back
 *
 * Of the codes RFC 6455 section 7.4.1 defines, 1001, 1005, 1006, 1011, 1012 and 1013 mean resume; all others do not.
 */

/** What a close code asks of the client. */
export type Duty = "resume" | "wait" | "sign_in" | "stop";

const RESUME_CODES = [1001, 1005, 1006, 1011, 1012, 1013];

const CLOSE_NAMES: { readonly [code: number]: string } = {
  1000: "done",
  1001: "going_away",
  1008: "refused",
  1009: "too_large",
  4000: "resume_now",
  4001: "lagging",
  4100: "too_many",
  4101: "starting",
  4200: "sign_in",
  4201: "expired",
  4300: "replaced",
  4301: "not_found",
  4302: "policy",
};

/** What a client does after a close with `code`. Codes nobody defined mean: stop. */
export function dutyOf(code: number): Duty {
  if (RESUME_CODES.includes(code) || (code >= 4000 && code <= 4099)) return "resume";
  if (code >= 4100 && code <= 4199) return "wait";
  if (code >= 4200 && code <= 4299) return "sign_in";
  return "stop";
}

/** A close code's name, its number where it has none. */
export function closeName(code: number): string {
  return CLOSE_NAMES[code] ?? String(code);
}
