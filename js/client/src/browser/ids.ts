/** Random ids, also where a page was not loaded over https and `crypto.randomUUID` is missing. */

const DEVICE = "shipanion-device";

/** 128 random bits as 32 hexadecimal digits. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let unkept: string | undefined;

/** The name of this browser profile: random, and kept; where nothing can be kept it lasts as long as the page. */
export function deviceId(): string {
  try {
    const kept = localStorage.getItem(DEVICE);
    if (kept !== null && kept !== "") return kept;
    const made = (unkept ??= newId());
    localStorage.setItem(DEVICE, made);
    // Another tab may have been first; both then use what is there.
    return localStorage.getItem(DEVICE) ?? made;
  } catch {
    return (unkept ??= newId());
  }
}
