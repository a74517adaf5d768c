import { List, MessageCircle, Package } from "lucide-react";
import type { ReactElement } from "react";
import styles from "./TabBar.module.css";

export const PANES = ["sessions", "bob", "parcel"] as const;

export type Pane = (typeof PANES)[number];

const LOOKS = {
  sessions: { name: "Conversations", Icon: List },
  bob: { name: "Bob", Icon: MessageCircle },
  parcel: { name: "Parcel", Icon: Package },
} as const;

/** Chooses the pane where there is room for one. A dot says that something changed in another. */
export function TabBar({
  pane,
  news,
  onPane,
}: {
  readonly pane: Pane;
  readonly news: readonly Pane[];
  readonly onPane: (pane: Pane) => void;
}): ReactElement {
  return (
    <nav className={styles.bar} aria-label="Panes">
      {PANES.map((name) => {
        const { name: words, Icon } = LOOKS[name];
        const hasNews = news.includes(name);
        return (
          <button
            key={name}
            type="button"
            className={styles.tab}
            aria-current={pane === name ? "true" : undefined}
            onClick={() => {
              onPane(name);
            }}
          >
            <span className={styles.icon}>
              <Icon size={20} aria-hidden="true" />
              {hasNews && <span className={styles.news} aria-hidden="true" />}
            </span>
            {words}
            {hasNews && <span className={styles.unseen}>, something new</span>}
          </button>
        );
      })}
    </nav>
  );
}
