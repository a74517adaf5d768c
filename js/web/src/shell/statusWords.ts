/** What the one line about the connection says. Every word of it is about what the client knows, nothing is guessed. */

import type { Banner } from "@shipanion/client";

export type Tone = "quiet" | "good" | "busy" | "warn" | "bad";

/** `try_now`: do not wait; `use_here`: take the session back from where it went; `sign_in`: lead to the form. */
export type StatusAction = "try_now" | "use_here" | "sign_in" | "reload";

/** A member without a value is left out. */
export interface StatusWords {
  readonly tone: Tone;
  /** The sentence; ends without a full stop where `until` adds to it. */
  readonly text: string;
  /** What else there is to know, where there is room. */
  readonly detail?: string;
  /** What it counts down to, ms on the clock of `performance.now`. */
  readonly until?: number;
  readonly action?: StatusAction;
  /** After this long there is nothing to say any more, and the line is that of `live`. */
  readonly fadesAfterMs?: number;
  /** Read out once, when the words are new; without it nothing is. */
  readonly announce?: string;
}

const SAVING = "Saving…";
const FADE_MS = 6_000;
const LONG_FADE_MS = 20_000;

/** There is no connection, so nothing goes out and nothing comes in. */
export const TROUBLE: ReadonlySet<Banner["status"]> = new Set(["reconnecting", "offline", "sign_in", "stopped"]);

export const LIVE: StatusWords = { tone: "good", text: "Live", detail: "Everything is saved as it happens." };

/** Why history may be missing after `snapshot`, by its reason. */
const SNAPSHOT_REASONS: Readonly<Record<string, string>> = {
  epoch: "The server's records began anew, so something said before may be missing.",
  ahead: "The server knows less than this page did, so something said before may be missing.",
  gone: "What happened meanwhile is no longer kept in full.",
  limit: "So much happened meanwhile that only the end of it is shown; scroll up for the rest.",
};

/**
 * @param unsent messages and changes that wait in this browser
 * @param wasCut this page had a connection to this conversation before, or tried to; else it was just opened
 */
export function statusWords(banner: Banner, unsent: number, wasCut = true): StatusWords {
  switch (banner.status) {
    case "connecting":
      return { tone: "quiet", text: "Connecting…", ...waiting(unsent) };
    case "live":
      return liveWords(unsent);
    case "reconnecting":
      return {
        tone: "warn",
        text: (banner.attempt ?? 0) > 1 ? `Reconnecting, try ${banner.attempt ?? 0}` : "Reconnecting",
        ...(banner.at === undefined ? {} : { until: banner.at }),
        ...waiting(unsent),
        action: "try_now",
        announce: "The connection is lost. Reconnecting.",
      };
    case "offline":
      return {
        tone: "warn",
        text: "No network.",
        detail:
          unsent > 0 ? `${kept(unsent)} and will go out when it is back.` : "What you write is kept until it is back.",
        action: "try_now",
        announce: "There is no network. What you write is kept and goes out when it is back.",
      };
    case "resumed": {
      const { replayed = 0 } = banner;
      if (replayed === 0 && !wasCut) return liveWords(unsent);
      const text = replayed === 0 ? "Back. Nothing was missed." : missed(replayed);
      return { tone: "good", text, ...saving(unsent), fadesAfterMs: FADE_MS, announce: text };
    }
    case "snapshot": {
      const why = SNAPSHOT_REASONS[banner.reason ?? ""] ?? "It could not be caught up step by step.";
      const text = "Back, restored from what was saved.";
      return { tone: "warn", text, detail: why, fadesAfterMs: LONG_FADE_MS, announce: `${text} ${why}` };
    }
    case "still_working":
      return {
        tone: "busy",
        text: "Bob is still working on the server.",
        detail: unsent > 0 ? SAVING : "His answer comes in here.",
        announce: "Bob is still working on the server.",
      };
    case "sign_in":
      return {
        tone: "bad",
        text: "Your sign-in has ended.",
        detail: unsent > 0 ? `${kept(unsent)}.` : "What you write is kept.",
        action: "sign_in",
        announce: "Your sign-in has ended. Sign in again to go on.",
      };
    case "stopped":
      return stopped(banner);
  }
}

function stopped({ code, reason, message }: Banner): StatusWords {
  const say = (text: string, action?: StatusAction, detail?: string): StatusWords => ({
    tone: "bad",
    text,
    ...(detail === undefined ? {} : { detail }),
    ...(action === undefined ? {} : { action }),
    announce: detail === undefined ? text : `${text} ${detail}`,
  });
  if (reason === "done") return say("The connection was closed.", "try_now");
  if (reason === "not_found") return say("This conversation cannot be found.");
  if (reason === "replaced") return say("This conversation is open elsewhere now.", "use_here");
  if (reason === "too_large" || code === 1009) return say("A message was too large to send.", "try_now");
  return say(
    "The server ended the connection.",
    "reload",
    message ?? (reason === undefined ? undefined : `Reason: ${reason}.`),
  );
}

/** There is a connection and nothing to tell about it: whether all that was done is saved. */
export function liveWords(unsent: number): StatusWords {
  return { ...LIVE, ...saving(unsent) };
}

function saving(unsent: number): { readonly detail?: string } {
  return unsent > 0 ? { detail: SAVING } : {};
}

/** The seconds until `until`, rounded up, as the end of a sentence. */
export function countdown(until: number, now: number): string {
  const seconds = Math.ceil((until - now) / 1000);
  return seconds <= 0 ? "now…" : `in ${seconds} s`;
}

function waiting(unsent: number): { readonly detail?: string } {
  return unsent > 0 ? { detail: `${kept(unsent)}.` } : {};
}

function kept(unsent: number): string {
  return unsent === 1 ? "1 thing you did is kept here" : `${unsent} things you did are kept here`;
}

function missed(replayed: number): string {
  return replayed === 1 ? "Back. The one thing you missed is in." : `Back. The ${replayed} things you missed are in.`;
}
