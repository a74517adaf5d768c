import { useSessions } from "@shipanion/client/react";
import { ArchiveRestore } from "lucide-react";
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import { Link } from "../routing/Routing.js";
import { IconButton } from "../ui/Button.js";
import { UNTITLED } from "./rows.js";
import item from "./SessionItem.module.css";
import styles from "./SessionsPane.module.css";

interface Props {
  readonly user: string;
  readonly count: number;
  readonly onBack: (sessionId: string) => void;
  readonly onGo?: () => void;
}

/** What was put away, once somebody wants to see it. */
export function ArchivedSessions(props: Props): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      className={styles.archived}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary className={styles.summary}>Archived ({props.count})</summary>
      {isOpen && <List {...props} />}
    </details>
  );
}

function List({ user, count, onBack, onGo }: Props): ReactElement {
  const { sessions, hasMore, error, refresh } = useSessions({ user, archived: true });
  useEffect(() => {
    void refresh();
  }, [count, refresh]);
  if (sessions === undefined) return <p className={styles.empty}>{error === undefined ? "Loading…" : error.message}</p>;
  return (
    <>
      <ul className={styles.list}>
        {sessions.map(({ id, title = UNTITLED }) => (
          <li key={id} className={item.item}>
            <Link to={{ page: "session", sessionId: id }} className={item.link} onClick={onGo}>
              <span className={item.title}>{title}</span>
            </Link>
            <IconButton
              label={`Bring ${title} back`}
              size="small"
              onClick={() => {
                onBack(id);
              }}
            >
              <ArchiveRestore size={16} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
      {hasMore && <p className={styles.empty}>Only the last {sessions.length} are listed.</p>}
    </>
  );
}
