/** How long a message may be, as the protocol counts: characters of its text, bytes of its frame. */

/** What a server takes unless it was told otherwise. */
const CHARACTERS = 32_000;
const FRAME_BYTES = 65_536;
/** Of the frame, for everything that is not text. */
const ENVELOPE_BYTES = 1_024;
/** From here on a person is told how many are left. */
const TOLD_FROM = 1_000;

/** How many characters are left; below 0 it is too long. Undefined while there is no need to know. */
export function room(text: string): number | undefined {
  if (text.length < (FRAME_BYTES - ENVELOPE_BYTES) / 6 - TOLD_FROM) return undefined;
  const characters = CHARACTERS - Array.from(text).length;
  // What JSON escapes takes more than it shows.
  const bytes = FRAME_BYTES - ENVELOPE_BYTES - new TextEncoder().encode(JSON.stringify(text)).length;
  const left = Math.min(characters, bytes);
  return left > TOLD_FROM ? undefined : left;
}
