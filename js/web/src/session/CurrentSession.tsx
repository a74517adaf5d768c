import type { Session, SessionSnapshot, TranscriptSnapshot } from "@shipanion/client";
import { isConnected } from "@shipanion/client";
import type { ReactElement, ReactNode } from "react";
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import type { Place, PlaceChange, PlaceStorage, Shelves } from "./devicePlace.js";
import { DevicePlace, prunePlaces } from "./devicePlace.js";
import { GivenCommands } from "./givenCommands.js";

/** The session on the page, as all panes see it. */
export interface Current {
  readonly session: Session;
  readonly snapshot: SessionSnapshot;
  readonly transcript: TranscriptSnapshot;
  readonly loadOlder: () => Promise<void>;
  /** The newest are looked at: what is far back may be let go. */
  readonly follow: () => void;
}

const Context = createContext<Current | undefined>(undefined);
const PlaceContext = createContext<DevicePlace | undefined>(undefined);
const GivenContext = createContext<GivenCommands | undefined>(undefined);

/**
 * Makes a session the current one for what is inside, and keeps this device's place in it. `user` and `newKey` are
 * what the session was opened with.
 */
export function CurrentSession({
  value,
  user,
  sessionId,
  newKey,
  children,
}: {
  readonly value: Current;
  readonly user: string;
  readonly sessionId?: string | undefined;
  readonly newKey?: string | undefined;
  readonly children: ReactNode;
}): ReactElement {
  const place = useMemo(() => placeIn(user, sessionId, newKey), [user, sessionId, newKey]);
  const given = useMemo(() => new GivenCommands({ user, sessionId, newKey }, shelves()), [user, sessionId, newKey]);
  const { session, snapshot } = value;
  const isLive = isConnected(snapshot);
  useEffect(() => {
    if (snapshot.sessionId === undefined) return;
    place.known(snapshot.sessionId);
    given.known(snapshot.sessionId);
  }, [place, given, snapshot.sessionId]);
  useEffect(() => given.attend(session), [given, session]);
  useEffect(() => {
    if (isLive) place.connected(session, snapshot.deviceState);
    else place.disconnected();
  }, [place, session, isLive, snapshot.deviceState]);
  useEffect(() => {
    addEventListener("pagehide", place.flush);
    document.addEventListener("visibilitychange", place.flush);
    return () => {
      removeEventListener("pagehide", place.flush);
      document.removeEventListener("visibilitychange", place.flush);
      place.flush();
      place.disconnected();
    };
  }, [place]);
  return (
    <PlaceContext value={place}>
      <GivenContext value={given}>
        <Context value={value}>{children}</Context>
      </GivenContext>
    </PlaceContext>
  );
}

/** The current session. Only inside of `CurrentSession`. */
export function useCurrentSession(): Current {
  const current = useContext(Context);
  if (current === undefined) throw new Error("There is no current session here.");
  return current;
}

/**
 * This device's place in the current session. `restored` is where to begin: it changes when the session does, and when
 * the server knew a newer place than this browser. `keep` keeps a change; `current` is all that is kept now.
 */
export function useDevicePlace(): {
  readonly restored: Place;
  readonly keep: (change: PlaceChange) => void;
  readonly current: () => Place;
} {
  const place = useContext(PlaceContext);
  if (place === undefined) throw new Error("There is no current session here.");
  const restored = useSyncExternalStore(place.subscribe, place.restored);
  return { restored, keep: place.keep, current: place.current };
}

/** What a person wrote into the current session that nothing else has yet. */
export function useGivenCommands(): GivenCommands {
  const given = useContext(GivenContext);
  if (given === undefined) throw new Error("There is no current session here.");
  return given;
}

function placeIn(user: string, sessionId: string | undefined, newKey: string | undefined): DevicePlace {
  const kept = shelves();
  const { browser } = kept;
  try {
    if (browser !== undefined) prunePlaces(user, browser);
  } catch {
    // What cannot be read need not be kept short.
  }
  return new DevicePlace({ user, sessionId, newKey }, kept);
}

function shelves(): Shelves {
  return { browser: allowed(() => localStorage), tab: allowed(() => sessionStorage) };
}

/** Undefined where the browser was told to keep nothing. */
function allowed(storage: () => PlaceStorage): PlaceStorage | undefined {
  try {
    return storage();
  } catch {
    return undefined;
  }
}
