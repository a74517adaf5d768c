/** The connection of a session, for the one line that tells a person about it. */

import { useCallback, useSyncExternalStore } from "react";
import type { Banner, Status } from "../clientOutputs.js";
import type { Session } from "../session.js";
import type { DevicePresence } from "../wire.js";

export interface Connection {
  readonly status: Status;
  readonly banner: Banner;
  readonly devices: readonly DevicePresence[];
  /** Do not wait for the next try. */
  readonly tryNow: () => void;
}

export function useConnection(session: Session): Connection {
  const banner = useSyncExternalStore(
    session.subscribe,
    () => session.snapshot().banner,
    () => session.snapshot().banner,
  );
  const devices = useSyncExternalStore(
    session.subscribe,
    () => session.snapshot().devices,
    () => session.snapshot().devices,
  );
  const tryNow = useCallback(() => {
    session.tryNow();
  }, [session]);
  return { status: banner.status, banner, devices, tryNow };
}
