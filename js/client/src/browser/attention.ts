/**
 * Tells a session what the browser knows: whether there is a network, whether the page is looked at, and that it went
 * to sleep or woke up.
 */

import type { Timers } from "../ports.js";
import type { Session } from "../session.js";
import { isConnected } from "../view.js";

/** What is shown counts as seen after this long; sooner where the page is left. */
const SEEN_MS = 1_000;

/** The browser's own objects; a test has others. */
export interface Page {
  readonly window: Pick<Window, "addEventListener" | "removeEventListener">;
  readonly document: Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState">;
  readonly isOnline: () => boolean;
}

export interface AttentionOptions {
  readonly session: Session;
  readonly timers: Timers;
  readonly page: Page;
  /** The server is on this machine, which needs no network. */
  readonly isLocal: boolean;
  /** A person looks at this, so what comes while the page is visible was seen. */
  readonly isLookedAt: boolean;
  /** The page is put away whole, and may be taken out again as it is: its lines must go. */
  readonly slept: () => void;
  /** The page is back. */
  readonly woke: () => void;
}

/** Begins to tell. Returns how to end that. */
export function attend({ session, timers, page, isLocal, isLookedAt, slept, woke }: AttentionOptions): () => void {
  let told = -1;
  let timer: unknown;
  const isVisible = (): boolean => page.document.visibilityState === "visible";
  const hasNetwork = (): boolean => isLocal || page.isOnline();

  const see = (): void => {
    timers.clear(timer);
    timer = undefined;
    const { position } = session.snapshot();
    if (position === undefined || position.offset === told) return;
    told = position.offset;
    session.seen();
  };
  const changed = (): void => {
    const shown = session.snapshot();
    const { position } = shown;
    const isLive = isConnected(shown);
    // What was told on a line that is gone may be lost, so it is told again on the next.
    if (!isLive) told = -1;
    if (isLookedAt && isLive && isVisible() && position?.offset !== told) timer ??= timers.set(see, SEEN_MS);
  };
  const network = (): void => {
    session.networkChanged(hasNetwork());
  };
  const wake = (): void => {
    if (!isVisible()) return;
    const { status } = session.snapshot();
    if (status === "offline" && hasNetwork()) session.networkChanged(true);
    // Somebody is here and does not want to wait. What only they can end (a sign-in, a refusal) is left to them.
    if (status !== "sign_in" && status !== "stopped" && status !== "offline") session.tryNow();
    changed();
    woke();
  };
  const hide = (): void => {
    if (timer !== undefined) see();
  };
  const leave = (event: Event): void => {
    hide();
    if (!(event as PageTransitionEvent).persisted) return;
    session.networkChanged(false);
    slept();
  };
  const comeBack = (event: Event): void => {
    if ((event as PageTransitionEvent).persisted) network();
    wake();
  };
  const visibility = (): void => {
    if (isVisible()) wake();
    else hide();
  };

  const ends = [
    on(page.window, "online", network),
    on(page.window, "offline", network),
    on(page.window, "focus", wake),
    on(page.window, "pageshow", comeBack),
    on(page.window, "pagehide", leave),
    on(page.document, "visibilitychange", visibility),
    on(page.document, "freeze", hide),
    on(page.document, "resume", wake),
    session.subscribe(changed),
    () => {
      timers.clear(timer);
    },
  ];
  if (!hasNetwork()) network();
  return () => {
    for (const end of ends) end();
  };
}

type Target = Page["window"] | Page["document"];

function on(target: Target, name: string, listener: (event: Event) => void): () => void {
  target.addEventListener(name, listener);
  return () => {
    target.removeEventListener(name, listener);
  };
}

/** Whether the server of `url` is on this machine. */
export function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return /^(?:localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname);
}
