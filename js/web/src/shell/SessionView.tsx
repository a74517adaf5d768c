import type { Session } from "@shipanion/client";
import { useSession } from "@shipanion/client/react";
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import { useHere } from "../identity/IdentityContext.js";
import { useRouter } from "../routing/Routing.js";
import { CurrentSession } from "../session/CurrentSession.js";
import { Workspace } from "./Workspace.js";

/** What a conversation is opened by: its id, or for a new one the key of its making. */
export type Which =
  | { readonly sessionId: string; readonly newKey?: undefined }
  | { readonly newKey: string; readonly sessionId?: undefined };

/**
 * A conversation with the panes around it. Once a new one has its first event its address is that of its id; it is the
 * same conversation all the while, so nothing that is drawn begins anew.
 */
export function SessionView({
  which,
  onPlace,
}: {
  readonly which: Which;
  /** This session has something in it, so it is worth coming back to; undefined: it is not there. */
  readonly onPlace: (sessionId: string | undefined) => void;
}): ReactElement {
  const { me } = useHere();
  const router = useRouter();
  const current = useSession({ user: me.user_id, ...which });
  const opened = useOpened(current.session, which);

  const { sessionId, position, banner } = current.snapshot;
  const hasEvents = (position?.offset ?? 0) > 0;
  const isMissing = banner.status === "stopped" && banner.reason === "not_found";
  useEffect(() => {
    if (isMissing) {
      onPlace(undefined);
    } else if (sessionId !== undefined && hasEvents) {
      onPlace(sessionId);
      if (which.newKey !== undefined) router.go({ page: "session", sessionId }, "replace");
    }
  }, [sessionId, hasEvents, isMissing, which.newKey, router, onPlace]);

  return (
    <CurrentSession value={current} user={me.user_id} {...opened.which}>
      <Workspace opened={opened.number} newKey={opened.which.newKey} />
    </CurrentSession>
  );
}

interface Opened {
  readonly number: number;
  readonly session: Session;
  readonly which: Which;
}

/** What the session on the page was opened by, and the how manieth it is. */
function useOpened(session: Session, which: Which): Opened {
  const [kept, keep] = useState<Opened>({ number: 1, session, which });
  if (kept.session === session) return kept;
  const opened = { number: kept.number + 1, session, which };
  keep(opened);
  return opened;
}
