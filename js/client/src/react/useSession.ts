/** A conversation for a component: opened when it is shown, closed when it is not. */

import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { Batch } from "../batch.js";
import type { OpenOptions } from "../browser/openSession.js";
import { makeSession } from "../browser/openSession.js";
import { TIMERS } from "../browser/timers.js";
import type { Session } from "../session.js";
import type { Transcript, TranscriptSnapshot } from "../transcript.js";
import type { SessionSnapshot } from "../view.js";
import { Lease } from "./lease.js";

export interface UsedSession {
  readonly session: Session;
  readonly snapshot: SessionSnapshot;
  readonly transcript: TranscriptSnapshot;
  /** Bring one page of older events. */
  readonly loadOlder: () => Promise<void>;
  /** The newest events are looked at again, so old ones beyond a sensible number may go. */
  readonly follow: () => void;
}

interface Shown {
  readonly snapshot: SessionSnapshot;
  readonly transcript: TranscriptSnapshot;
}

/** A session with its options, and what both of its parts show, told together. */
class Held {
  readonly lease: Lease;
  #shown: Shown;

  constructor(readonly options: OpenOptions) {
    this.lease = new Lease(makeSession(options));
    this.#shown = this.#now();
  }

  get session(): Session {
    return this.lease.open.session;
  }

  get transcript(): Transcript {
    return this.lease.open.transcript;
  }

  /** Whether this is the conversation that `options` name: as it was opened, or by the id that it got meanwhile. */
  is({ user, sessionId, newKey, url, attend }: OpenOptions): boolean {
    const own = this.options;
    if (this.lease.isOver || user !== own.user || url !== own.url || attend !== own.attend) return false;
    if (sessionId === own.sessionId && newKey === own.newKey) return true;
    return sessionId !== undefined && sessionId === this.session.snapshot().sessionId;
  }

  subscribe = (listener: () => void): (() => void) => {
    const batch = new Batch(TIMERS, () => {
      this.#shown = this.#now();
      listener();
    });
    const mark = (): void => {
      batch.mark();
    };
    const ends = [this.session.subscribe(mark), this.transcript.subscribe(mark)];
    mark();
    return () => {
      for (const end of ends) end();
      batch.end();
    };
  };

  shown = (): Shown => this.#shown;

  #now(): Shown {
    const [snapshot, transcript] = [this.session.snapshot(), this.transcript.snapshot()];
    const last = this.#shown as Shown | undefined;
    return last?.snapshot === snapshot && last.transcript === transcript ? last : { snapshot, transcript };
  }
}

/**
 * Open a conversation for as long as the component is there. Another user, session, key or address opens another one;
 * the id that the present one got does not. A changed `token` is a fresh credential for the open one.
 */
export function useSession(options: OpenOptions): UsedSession {
  const [kept, keep] = useState(() => new Held(options));
  let held = kept;
  if (!held.is(options)) {
    held = new Held(options);
    keep(held);
  }
  const { lease, session } = held;
  const [, again] = useState(0);
  useEffect(() => {
    // Shown anew after it was let go: the next rendering makes another one.
    if (lease.isOver) {
      again((times) => times + 1);
      return;
    }
    return lease.need();
  }, [lease]);
  const { token } = options;
  const { token: first } = held.options;
  useEffect(() => {
    if (token !== undefined && token !== first) session.signIn(token);
  }, [session, token, first]);
  const { snapshot, transcript } = useSyncExternalStore(held.subscribe, held.shown, held.shown);
  const { loadOlder, follow } = held.transcript;
  return { session, snapshot, transcript, loadOlder: useCallback(() => loadOlder(), [loadOlder]), follow };
}
