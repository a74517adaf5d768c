/** A person's sessions, as the server lists them. */

import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import type { SessionRow, SessionsOptions, SessionsSnapshot } from "../browser/sessionList.js";
import { SessionList } from "../browser/sessionList.js";

export interface UsedSessions extends SessionsSnapshot {
  readonly refresh: () => Promise<void>;
  readonly rename: (id: string, title: string) => Promise<void>;
  readonly archive: (id: string) => Promise<void>;
  readonly unarchive: (id: string) => Promise<void>;
}

export type { SessionRow, SessionsOptions };

/** The list, kept fresh while the page is visible. */
export function useSessions(options: SessionsOptions): UsedSessions {
  const { user, url, token, archived, fetch: fetching } = options;
  const list = useMemo(
    () => new SessionList({ user, url, token, archived, fetch: fetching }),
    [user, url, token, archived, fetching],
  );
  useEffect(() => list.follow(), [list]);
  const shown = useSyncExternalStore(list.subscribe, list.snapshot, list.snapshot);
  return {
    ...shown,
    refresh: list.refresh,
    rename: useCallback((id, title) => list.rename(id, title), [list]),
    archive: useCallback((id) => list.archive(id), [list]),
    unarchive: useCallback((id) => list.unarchive(id), [list]),
  };
}
