import { deviceId, isConnected } from "@shipanion/client";
import { ArrowDown, LoaderCircle } from "lucide-react";
import type { ReactElement } from "react";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useCurrentSession, useGivenCommands } from "../session/CurrentSession.js";
import { Button } from "../ui/Button.js";
import type { ComposerHandle } from "./Composer.js";
import { Composer } from "./Composer.js";
import styles from "./Conversation.module.css";
import { withAway, withEnding } from "./ending.js";
import { Failures, newId } from "./failures.js";
import type { Item } from "./item.js";
import { itemsOf, withDays } from "./items.js";
import { QuickReplies } from "./QuickReplies.js";
import type { QuickReply } from "./quickReplies.js";
import { quickReplies } from "./quickReplies.js";
import { arePresent } from "./QuotesCard.js";
import { Row } from "./Row.js";
import { sendingNote } from "./sendingNote.js";
import type { Around } from "./ThreadContext.js";
import { ThreadContext } from "./ThreadContext.js";
import { useAnnounced } from "./useAnnounced.js";
import { useNow } from "../ui/useNow.js";
import { useThread } from "./useThread.js";

/** The last items are always laid out: the end of the list must not move when it is looked at. */
const NEAR_END = 30;

/** What was said, and where the next thing is said. */
export function ConversationPane(): ReactElement {
  const { session, snapshot, transcript } = useCurrentSession();
  const { state, pending, draft, turn, turns, digest, status, banner } = snapshot;
  const given = useGivenCommands();
  const now = useNow(30_000);
  const failures = useMemo(() => new Failures(session, given), [session, given]);
  useEffect(() => failures.attend(), [failures]);
  const failed = useSyncExternalStore(failures.subscribe, failures.failed);

  const logged = useMemo(() => itemsOf(transcript.events, deviceId()), [transcript.events]);
  const items = useMemo(
    () => withDays(withEnding(withAway(logged, digest), { pending, failures: failed, draft, turn, state }), now),
    [logged, digest, pending, failed, draft, turn, state, now],
  );
  const hasSaid = items.some(({ kind }) => kind === "said" || kind === "answer");
  const isEmpty = (snapshot.position?.offset ?? 0) === 0 && items.length === 0;
  useAnnounced(items, transcript.events.length > 0 || isEmpty);

  const { box, list, above, drawn, isFollowing, missed, toEnd, onScroll } = useThread(items);
  const composer = useRef<ComposerHandle>(null);
  const say = useCallback(
    (text: string) => {
      failures.say(text, newId());
      toEnd();
    },
    [failures, toEnd],
  );
  const [problem, setProblem] = useState("");
  const reply = ({ does }: QuickReply, byKeys: boolean): void => {
    setProblem("");
    if (byKeys) composer.current?.focus();
    if ("say" in does) say(does.say);
    else session.resolve(does.resolve, does.decision).catch((error: unknown) => {
      // Two answers at a time are one; which one it was, its card says.
      setProblem(error instanceof Error ? error.message : "");
    }); // prettier-ignore
  };

  const isLive = isConnected(snapshot);
  const needsSignIn = status === "sign_in";
  const quotesKey = useMemo(
    () => items.findLast((item) => item.kind === "quotes" && arePresent(item, state?.quotes))?.key,
    [items, state?.quotes],
  );
  const around = useMemo<Around>(
    () => ({
      session, state, pending, turns, isLive, needsSignIn, quotesKey,
      again: (id) => {
        const text = failures.take(id);
        if (text !== undefined) say(text);
      },
      edit: (id) => {
        const text = failures.take(id);
        if (text !== undefined) composer.current?.put(text);
      },
    }),
    [session, state, pending, turns, isLive, needsSignIn, quotesKey, failures, say],
  ); // prettier-ignore
  const answered = pending.some(({ command }) => command.type === "resolve_approval");
  const replies = answered ? [] : quickReplies(state, lastWords(items), !hasSaid, now);

  return (
    <section className={styles.pane} aria-label="Conversation">
      <h2 className={styles.unseen}>Conversation with Bob</h2>
      <ThreadContext value={around}>
        <div
          ref={box}
          className={styles.box}
          onScroll={onScroll}
          role="region"
          aria-label="Messages"
          // Scrolled by keys, as every region that scrolls.
          tabIndex={0}
        >
          <div ref={above} className={styles.above}>
            {transcript.loading && (
              <span>
                <LoaderCircle size={14} className={styles.turning} aria-hidden /> Older messages
              </span>
            )}
          </div>
          {isEmpty && <Greeting />}
          {!isEmpty && items.length === 0 && (
            <p className={styles.absent}>
              {isLive ? "Getting what was said so far…" : "What was said so far comes when you are back."}
            </p>
          )}
          <ol ref={list} className={styles.list}>
            {drawn.map((item, at) => (
              <Row key={item.key} item={item} isFar={at < drawn.length - NEAR_END} />
            ))}
          </ol>
        </div>
      </ThreadContext>
      <div className={styles.dock}>
        {!isFollowing && (
          <Button
            className={styles.latest}
            size="small"
            onClick={() => {
              toEnd();
              // The button goes; whoever pressed it by a key goes on reading.
              box.current?.focus({ preventScroll: true });
            }}
          >
            <ArrowDown size={15} aria-hidden />
            {missed === 0 ? "Jump to latest" : `${missed} new`}
          </Button>
        )}
      </div>
      <div className={styles.below}>
        {problem !== "" && (
          <p className={styles.problem} role="alert">
            {problem}
          </p>
        )}
        <QuickReplies replies={replies} onReply={reply} />
        <Composer ref={composer} note={sendingNote(banner)} onSay={say} />
      </div>
    </section>
  );
}

function Greeting(): ReactElement {
  return (
    <div className={styles.greeting}>
      <h2>Hello. What are we shipping?</h2>
      <p>
        Tell Bob the weight and the two ZIP codes, in any words you like. He compares prices and gets your label. Close
        the page whenever you want: you pick up where you left off, here or on another device.
      </p>
    </div>
  );
}

/** What Bob said last, if nothing was said since. */
function lastWords(items: readonly Item[]): string {
  const last = items.findLast(({ kind }) => kind === "said" || kind === "answer");
  return last?.kind === "answer" ? last.text : "";
}
