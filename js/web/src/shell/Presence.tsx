import type { DevicePresence } from "@shipanion/client";
import { MonitorSmartphone } from "lucide-react";
import { Popover } from "radix-ui";
import type { ReactElement } from "react";
import menu from "../ui/Menu.module.css";
import styles from "./Presence.module.css";

/** The devices that have this conversation open now. */
export function Presence({
  devices,
  own,
  me,
  isGuest,
}: {
  readonly devices: readonly DevicePresence[];
  /** This browser's id. */
  readonly own: string;
  /** The person's name; whoever has another is named. */
  readonly me: string;
  readonly isGuest: boolean;
}): ReactElement {
  const count = Math.max(1, devices.length);
  const words = count === 1 ? "Open on 1 device: this one" : `Open on ${count} devices`;
  return (
    <Popover.Root>
      <Popover.Trigger className={styles.trigger} aria-label={words} title={words} data-several={count > 1}>
        <MonitorSmartphone size={18} aria-hidden="true" />
        <span aria-hidden="true">{count}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={menu.menu} align="end" sideOffset={6} aria-label="Devices">
          <p className={menu.label}>{words}</p>
          <ul>
            {devices.map(({ device, name, connections = 1 }) => (
              <li key={device} className={styles.device}>
                <span className={styles.dot} aria-hidden="true" />
                {device === own ? "This device" : name === me ? "Another device" : name}
                {connections > 1 && <span className={styles.tabs}>{connections} tabs</span>}
              </li>
            ))}
          </ul>
          <p className={styles.note}>{noteOn(devices, isGuest)}</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function noteOn(devices: readonly DevicePresence[], isGuest: boolean): string {
  if (devices.some(({ connections = 1 }) => connections > 1) || devices.length > 1) {
    return "Whatever happens in one place shows in all of them at once.";
  }
  return isGuest
    ? "With an account you can go on with it on another device."
    : "Sign in on another device, and go on with it there.";
}
