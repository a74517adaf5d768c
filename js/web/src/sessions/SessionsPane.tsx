import type { LeftBehind } from "@shipanion/client";
import { useSessions } from "@shipanion/client/react";
import { Archive, Plus } from "lucide-react";
import type { ReactElement } from "react";
import { useEffect, useId, useRef, useState } from "react";
import { useRouter } from "../routing/Routing.js";
import { useAnnounce } from "../ui/Announcer.js";
import { Button } from "../ui/Button.js";
import { ArchivedSessions } from "./ArchivedSessions.js";
import type { OnPage, Row } from "./rows.js";
import { rowsOf } from "./rows.js";
import { SessionItem } from "./SessionItem.js";
import styles from "./SessionsPane.module.css";

const REFRESH_MS = 400;
const UNDO_MS = 10_000;

/** A person's conversations: go to one, begin one, name it, put it away and bring it back. */
export function SessionsPane({
  user,
  page,
  left,
  rename,
  onGo,
}: {
  readonly user: string;
  readonly page: OnPage;
  /** What was written in other conversations and is not sent yet. */
  readonly left: readonly LeftBehind[];
  /** Names the session on the page. */
  readonly rename: (title: string) => Promise<void>;
  /** A person chose where to go. */
  readonly onGo?: () => void;
}): ReactElement {
  const id = useId();
  const router = useRouter();
  const announce = useAnnounce();
  const { sessions, hasMore, archivedCount, error, ...list } = useSessions({ user });
  const [archived, setArchived] = useState<{ readonly id: string; readonly title: string }>();
  const [problem, setProblem] = useState<string>();
  const undo = useRef<HTMLButtonElement>(null);

  // The page knows of its own session first; the list follows.
  const { refresh } = list;
  const told = `${page.sessionId ?? ""} ${page.title ?? ""} ${page.hasEvents} ${page.isWorking} ${page.others}`;
  useEffect(() => {
    const timer = window.setTimeout(() => void refresh(), REFRESH_MS);
    return () => {
      window.clearTimeout(timer);
    };
  }, [told, refresh]);

  useEffect(() => {
    if (archived === undefined) return;
    undo.current?.focus();
    const timer = window.setTimeout(() => {
      setArchived(undefined);
    }, UNDO_MS);
    return () => {
      window.clearTimeout(timer);
    };
  }, [archived]);

  const tell = (what: Promise<void>): void => {
    setProblem(undefined);
    what.catch((reason: unknown) => {
      setProblem(reason instanceof Error ? reason.message : "That did not work.");
    });
  };
  const putAway = (row: Row & { readonly sessionId: string }): void => {
    setArchived({ id: row.sessionId, title: row.title });
    announce(`${row.title} is archived.`);
    tell(list.archive(row.sessionId));
    if (row.isCurrent) router.go({ page: "new" });
  };

  const rows = rowsOf(sessions, left, page);
  return (
    <nav className={styles.pane} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.heading}>
          Conversations
        </h2>
        <Button
          size="small"
          onClick={() => {
            router.go({ page: "new" });
            onGo?.();
          }}
        >
          <Plus size={16} aria-hidden="true" />
          New
        </Button>
      </div>
      <div className={styles.body}>
        {sessions === undefined && error === undefined && <Skeleton />}
        {error !== undefined && sessions === undefined && (
          <div className={styles.empty}>
            <p>The list cannot be loaded. {error.message}</p>
            <Button size="small" onClick={() => void refresh()}>
              Try again
            </Button>
          </div>
        )}
        {sessions !== undefined && rows.length === 0 && (
          <p className={styles.empty}>Nothing here yet. Tell Bob what you want to ship, and it is kept here.</p>
        )}
        <ul className={styles.list}>
          {rows.map((row) => (
            <SessionItem
              key={row.key}
              row={row}
              {...(onGo === undefined ? {} : { onGo })}
              onRename={(sessionId, title) => {
                tell(row.isCurrent ? rename(title) : list.rename(sessionId, title));
              }}
              onArchive={putAway}
            />
          ))}
        </ul>
        {hasMore && <p className={styles.empty}>Only the last {sessions?.length} are listed.</p>}
        {archivedCount > 0 && (
          <ArchivedSessions
            user={user}
            count={archivedCount}
            onBack={(sessionId) => {
              setArchived(undefined);
              tell(list.unarchive(sessionId));
            }}
            {...(onGo === undefined ? {} : { onGo })}
          />
        )}
      </div>
      <div className={styles.foot}>
        {problem !== undefined && (
          <p className={styles.problem} role="alert">
            {problem}
          </p>
        )}
        {archived !== undefined && (
          <div className={styles.undo} data-keeps-focus>
            <Archive size={16} aria-hidden="true" />
            <span className={styles.undoTitle}>Archived</span>
            <Button
              ref={undo}
              size="small"
              aria-label={`Undo: bring ${archived.title} back`}
              onClick={() => {
                tell(list.unarchive(archived.id));
                announce(`${archived.title} is back.`);
                setArchived(undefined);
              }}
            >
              Undo
            </Button>
          </div>
        )}
      </div>
    </nav>
  );
}

function Skeleton(): ReactElement {
  return (
    <div className={styles.skeleton} role="status" aria-label="Loading your conversations">
      {[0, 1, 2, 3].map((line) => (
        <span key={line} className={styles.bone} />
      ))}
    </div>
  );
}
