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
 * @param elsewhere commands of others, and of other tabs
 */
export function lossWords(here: number, elsewhere: number): string | undefined {
  const all = here + elsewhere;
  if (all === 0) return undefined;
  const what = `${thingsNotSent(all)} and would be lost`;
  if (elsewhere === 0) return `${what}.`;
  return here === 0
    ? `${what}, in other conversations or tabs.`
    : `${what}, ${elsewhere} of them in other conversations or tabs.`;
}

/**
 * What a guest would lose by coming in as somebody else; undefined when nothing would be lost.
 *
 * @param count commands of the guest in this browser
 * @param mayMake an account can be made of the guest
 */
export function guestLossWords(count: number, mayMake: boolean): string | undefined {
  if (count === 0) return undefined;
  const wait = `stay a guest until ${count === 1 ? "it is" : "they are"} sent`;
  const instead = mayMake ? `Make an account instead, or ${wait}.` : `S${wait.slice(1)}.`;
  return `${thingsNotSent(count)} and would be lost. ${instead}`;
}

function thingsNotSent(count: number): string {
  return count === 1 ? "One thing you did is not sent yet" : `${count} things you did are not sent yet`;
}
