/** What a person wrote that is not sent yet, in words. */

import type { Pending } from "@shipanion/client";

/** The messages among pending commands, oldest first. */
export function saidIn(pending: readonly Pending[]): { readonly id: string; readonly text: string }[] {
  return pending.flatMap(({ id, command }) => {
    const { type, text } = command;
    return type === "user_message" && typeof text === "string" ? [{ id, text }] : [];
  });
}

/**
 * What would be lost with this browser's memory; undefined when nothing would.
 *
 * @param here commands of the conversation on the page
 * @param elsewhere commands of others
 */
export function lossWords(here: number, elsewhere: number): string | undefined {
  const all = here + elsewhere;
  if (all === 0) return undefined;
  const what =
    all === 1
      ? "One thing you did is not sent yet and would be lost"
      : `${all} things you did are not sent yet and would be lost`;
  if (elsewhere === 0) return `${what}.`;
  return here === 0 ? `${what}, in other conversations.` : `${what}, ${elsewhere} of them in other conversations.`;
}
