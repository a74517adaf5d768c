import { Archive, MoreHorizontal, Pencil } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { Link } from "../routing/Routing.js";
import { IconButton } from "../ui/Button.js";
import menu from "../ui/Menu.module.css";
import { classes } from "../ui/classes.js";
import { relativeTime } from "./relativeTime.js";
import type { Row } from "./rows.js";
import { activityOf } from "./rows.js";
import styles from "./SessionItem.module.css";

const LONGEST_TITLE = 120;

/** One conversation in the list. F2 names it, as its menu does. */
export function SessionItem({
  row,
  onGo,
  onRename,
  onArchive,
}: {
  readonly row: Row;
  readonly onGo?: () => void;
  readonly onRename: (sessionId: string, title: string) => void;
  readonly onArchive: (row: Row & { readonly sessionId: string }) => void;
}): ReactElement {
  const link = useRef<HTMLAnchorElement>(null);
  const [isNaming, setNaming] = useState(false);
  const { sessionId, title } = row;

  if (isNaming && sessionId !== undefined) {
    return (
      <li className={styles.item}>
        <TitleField
          title={title}
          onDone={(typed) => {
            setNaming(false);
            if (typed !== undefined && typed !== "" && typed !== title) onRename(sessionId, typed);
            requestAnimationFrame(() => link.current?.focus());
          }}
        />
      </li>
    );
  }

  const activity = activityOf(row);
  return (
    <li className={classes(styles.item, row.isCurrent && styles.current)}>
      <Link
        ref={link}
        to={row.to}
        className={styles.link}
        title={title}
        aria-current={row.isCurrent ? "page" : undefined}
        onClick={onGo}
        onKeyDown={(event) => {
          if (event.key === "F2" && sessionId !== undefined) setNaming(true);
        }}
      >
        <span className={styles.title}>{title}</span>
        <span className={styles.meta} data-unsent={row.unsent > 0}>
          {(row.isWorking || row.others > 0) && (
            <span className={classes(styles.dot, row.isWorking && styles.working)} aria-hidden="true" />
          )}
          <span className={styles.activity}>{activity === "" ? <Ago at={row.lastAt} /> : activity}</span>
        </span>
      </Link>
      {sessionId !== undefined && (
        <DropdownMenu.Root modal={false}>
          <DropdownMenu.Trigger asChild>
            <IconButton label={`More for ${title}`} size="small" className={styles.more}>
              <MoreHorizontal size={16} aria-hidden="true" />
            </IconButton>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content className={menu.menu} align="end" sideOffset={4}>
              <DropdownMenu.Item
                className={menu.item}
                onSelect={() => {
                  // The menu gives the focus back first.
                  setTimeout(() => {
                    setNaming(true);
                  });
                }}
              >
                <Pencil size={16} aria-hidden="true" />
                Rename
              </DropdownMenu.Item>
              <DropdownMenu.Item
                className={menu.item}
                onSelect={() => {
                  onArchive({ ...row, sessionId });
                }}
              >
                <Archive size={16} aria-hidden="true" />
                Archive
              </DropdownMenu.Item>
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
    </li>
  );
}

/** `onDone` is given what was typed: with Enter, or by going elsewhere. Escape gives nothing. */
function TitleField({
  title,
  onDone,
}: {
  readonly title: string;
  readonly onDone: (typed: string | undefined) => void;
}): ReactElement {
  const isDone = useRef(false);
  const done = (typed: string | undefined): void => {
    if (isDone.current) return;
    isDone.current = true;
    onDone(typed?.trim());
  };
  return (
    <input
      className={styles.naming}
      aria-label="Title"
      defaultValue={title}
      maxLength={LONGEST_TITLE}
      ref={(field) => {
        if (field !== null && document.activeElement !== field) {
          field.focus();
          field.select();
        }
      }}
      onBlur={(event) => {
        done(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") done(event.currentTarget.value);
        if (event.key === "Escape") {
          // The drawer that the list may be in stays.
          event.preventDefault();
          done(undefined);
        }
      }}
    />
  );
}

function Ago({ at }: { readonly at: number | undefined }): ReactElement | null {
  const now = useMinute();
  if (at === undefined) return null;
  return <time dateTime={new Date(at).toISOString()}>{relativeTime(at, now)}</time>;
}

/** Now, to the minute or better. */
function useMinute(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(Date.now());
    }, 20_000);
    return () => {
      window.clearInterval(timer);
    };
  }, []);
  return now;
}
