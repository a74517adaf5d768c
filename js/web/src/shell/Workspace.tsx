import type { JsonObject } from "@shipanion/client";
import { deviceId } from "@shipanion/client";
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary.js";
import { ConversationPane } from "../conversation/ConversationPane.js";
import { useHere } from "../identity/IdentityContext.js";
import { SignInAgain } from "../identity/SignInAgain.js";
import { useCredential } from "../identity/useCredential.js";
import { useCurrentSession } from "../session/CurrentSession.js";
import { onPageOf, UNTITLED } from "../sessions/rows.js";
import { SessionsPane } from "../sessions/SessionsPane.js";
import { useLeftBehind } from "../sessions/useLeftBehind.js";
import { ShipmentPane } from "../shipment/ShipmentPane.js";
import { classes } from "../ui/classes.js";
import { Header } from "./Header.js";
import { NotFound } from "./NotFound.js";
import { StatusLine } from "./StatusLine.js";
import type { StatusAction } from "./statusWords.js";
import { TROUBLE } from "./statusWords.js";
import { TabBar } from "./TabBar.js";
import { useFocusOnArrival } from "./useFocusOnArrival.js";
import { useNews, usePane } from "./usePane.js";
import { usePageWidth } from "./usePageWidth.js";
import { Modal } from "../ui/Modal.js";
import styles from "./Workspace.module.css";

/**
 * The panes around the current session.
 *
 * @param opened changes when another conversation is on the page; not when a new one gets its id
 */
export function Workspace({
  opened,
  newKey,
}: {
  readonly opened: number;
  readonly newKey: string | undefined;
}): ReactElement {
  const { session, snapshot } = useCurrentSession();
  const { me, isLapsed } = useHere();
  const width = usePageWidth();
  const [isListOpen, setListOpen] = useState(false);
  const [pane, setPane] = usePane(opened);
  const page = useRef<HTMLDivElement>(null);
  useCredential(session, snapshot);

  const { banner, state, pending } = snapshot;
  const isMissing = banner.status === "stopped" && banner.reason === "not_found";
  const title = titleOf(state, newKey !== undefined, (snapshot.position?.offset ?? 0) > 0);
  const shownTitle = isMissing ? "Not found" : title;
  useEffect(() => {
    document.title = `${shownTitle} · Shipanion`;
  }, [shownTitle]);
  useFocusOnArrival(opened, page);

  const isCut = TROUBLE.has(banner.status);
  const present = isCut ? [] : snapshot.devices;
  const others = present.filter(({ device }) => device !== deviceId()).length;
  // Here, not in the list: it is sent whether or not the list is open.
  const left = useLeftBehind(me.user_id, opened, !isCut && banner.status !== "connecting");
  const act = (action: StatusAction): void => {
    if (action === "reload") location.reload();
    else if (action === "sign_in") page.current?.querySelector<HTMLInputElement>("input[name=password]")?.focus();
    else session.tryNow();
  };
  const list = (onGo: () => void): ReactElement => (
    <SessionsPane
      user={me.user_id}
      page={onPageOf(snapshot, newKey, others, !isCut)}
      left={left}
      rename={async (name) => {
        await session.update({ title: name });
      }}
      onGo={onGo}
    />
  );
  const news = useNews(opened, pane, state, snapshot.position?.offset);

  return (
    <div ref={page} className={styles.workspace}>
      <Header
        title={shownTitle}
        devices={present}
        pending={pending}
        {...(width === "middle"
          ? {
              onSessions: () => {
                setListOpen(true);
              },
            }
          : {})}
      />
      <StatusLine key={opened} banner={banner} unsent={pending.length} onAction={act} />
      <div className={styles.again}>{isLapsed && <SignInAgain />}</div>
      <main className={styles.panes} data-pane={pane}>
        {width !== "middle" && (
          <div className={styles.sessions}>
            {list(() => {
              setPane("bob");
            })}
          </div>
        )}
        {isMissing ? (
          <div className={classes(styles.missing, styles.bob)}>
            <NotFound pending={pending} />
          </div>
        ) : (
          <>
            <div className={styles.bob}>
              <h2 className={styles.unseen}>Bob</h2>
              <ErrorBoundary key={opened}>
                <ConversationPane />
              </ErrorBoundary>
            </div>
            <div className={styles.parcel}>
              <ErrorBoundary key={opened}>
                <ShipmentPane />
              </ErrorBoundary>
            </div>
          </>
        )}
      </main>
      {width === "narrow" ? <TabBar pane={pane} news={news} onPane={setPane} /> : <div />}
      {width === "middle" && isListOpen && (
        <Modal
          className={styles.drawer}
          aria-label="Conversations"
          onClose={() => {
            setListOpen(false);
          }}
        >
          {list(() => {
            setListOpen(false);
          })}
        </Modal>
      )}
    </div>
  );
}

function titleOf(state: JsonObject | undefined, isNew: boolean, hasEvents: boolean): string {
  const title = state?.["title"];
  if (typeof title === "string") return title;
  if (state === undefined && !isNew) return "Parcel";
  return hasEvents ? UNTITLED : "New parcel";
}
