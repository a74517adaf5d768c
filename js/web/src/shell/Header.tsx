import type { DevicePresence, Pending } from "@shipanion/client";
import { deviceId } from "@shipanion/client";
import { PanelLeft } from "lucide-react";
import type { ReactElement } from "react";
import { useHere } from "../identity/IdentityContext.js";
import { Link } from "../routing/Routing.js";
import { IconButton } from "../ui/Button.js";
import { AccountMenu } from "./AccountMenu.js";
import styles from "./Header.module.css";
import { Mark } from "./Mark.js";
import { PracticeBadge } from "./PracticeBadge.js";
import { Presence } from "./Presence.js";

/** The line at the top: which conversation this is, who else has it open, and who is here. */
export function Header({
  title,
  devices,
  pending,
  onSessions,
}: {
  readonly title: string;
  /** That have it open now, as far as is known. */
  readonly devices: readonly DevicePresence[];
  /** What is not sent yet. */
  readonly pending: readonly Pending[];
  /** Open the list of sessions; without it the list is there already. */
  readonly onSessions?: () => void;
}): ReactElement {
  const { me, about } = useHere();
  return (
    <header className={styles.header}>
      {onSessions === undefined ? (
        <Link to={{ page: "new" }} className={styles.brand} aria-label="Shipanion: a new conversation">
          <Mark />
          <span className={styles.name}>Shipanion</span>
        </Link>
      ) : (
        <IconButton label="Conversations" aria-haspopup="dialog" onClick={onSessions}>
          <PanelLeft size={20} aria-hidden="true" />
        </IconButton>
      )}
      <h1 className={styles.title} tabIndex={-1} data-heading title={title}>
        {title}
      </h1>
      {!about.carrier.real && <PracticeBadge />}
      <Presence devices={devices} own={deviceId()} me={me.name} isGuest={me.kind === "guest"} />
      <AccountMenu pending={pending} />
    </header>
  );
}
