import type { ReactElement } from "react";
import { useMemo } from "react";
import { classes } from "../ui/classes.js";
import type { Block, Span } from "./bobText.js";
import { blocksOf } from "./bobText.js";
import { clock } from "./figures.js";
import type { Answer } from "./item.js";
import styles from "./Message.module.css";
import { useAround } from "./ThreadContext.js";

const ENDS = {
  stopped: "Stopped.",
  interrupted: "The server was interrupted in the middle of this answer. What you said is kept; ask again.",
  failed: "Bob could not answer this. Ask again.",
};

/** What Bob says: coming, said, or cut off. */
export function BobMessage({ item }: { readonly item: Answer }): ReactElement {
  const { text, isStreaming = false, outcome, at } = item;
  const blocks = useMemo(() => blocksOf(text), [text]);
  const isWaiting = isStreaming && blocks.length === 0;
  return (
    <div className={styles.bob}>
      <p className={styles.name} aria-hidden>
        Bob
      </p>
      {isWaiting ? (
        <Working />
      ) : (
        (blocks.length > 0 || outcome === undefined) && (
          <div className={classes(styles.bobs, isStreaming && styles.streaming)} aria-busy={isStreaming}>
            <span className={styles.unseen}>Bob said: </span>
            {blocks.map((block, at) => (
              <Drawn key={at} block={block} />
            ))}
          </div>
        )
      )}
      {isStreaming ? (
        <Stop turnId={item.turnId} />
      ) : (
        <p className={styles.state}>
          {outcome !== undefined && <span className={styles.ended}>{ENDS[outcome]}</span>}
          {outcome === undefined && at !== undefined && clock(at)}
        </p>
      )}
    </div>
  );
}

function Working(): ReactElement {
  const { isLive } = useAround();
  return (
    <div className={classes(styles.bobs, styles.working)}>
      <span className={styles.dots} aria-hidden>
        <i />
        <i />
        <i />
      </span>
      <span>{isLive ? "Bob is working on it" : "Bob goes on working on the server"}</span>
    </div>
  );
}

function Stop({ turnId }: { readonly turnId: string }): ReactElement {
  const { session, pending, isLive } = useAround();
  const isStopping = pending.some(({ command }) => command.type === "stop" && command.turn_id === turnId);
  return (
    <p className={styles.state}>
      <button
        type="button"
        className={styles.link}
        disabled={isStopping}
        onClick={() => {
          // What the turn's end says is shown; a turn that is over already needs no stop.
          session.stop(turnId).catch(() => undefined);
        }}
      >
        {isStopping ? "Stopping…" : "Stop"}
      </button>
      {!isLive && <span>The rest comes when you are back.</span>}
    </p>
  );
}

function Drawn({ block }: { readonly block: Block }): ReactElement {
  if (block.is === "paragraph") {
    return (
      <p>
        {block.lines.map((line, at) => (
          <span key={at}>
            {at > 0 && <br />}
            <Spans spans={line} />
          </span>
        ))}
      </p>
    );
  }
  const List = block.ordered ? "ol" : "ul";
  return (
    <List className={block.ordered ? styles.ordered : styles.unordered}>
      {block.entries.map((entry, at) => (
        <li key={at} className={entry.isDeep ? styles.deep : undefined}>
          <Spans spans={entry.spans} />
        </li>
      ))}
    </List>
  );
}

function Spans({ spans }: { readonly spans: readonly Span[] }): ReactElement {
  return (
    <>
      {spans.map((span, at) => {
        if (span.is === "text") return span.text;
        if (span.is === "number") return <code key={at} className={styles.number}>{span.text}</code>; // prettier-ignore
        return (
          <a key={at} href={span.href} target="_blank" rel="noopener noreferrer">
            {span.own ? "the label’s file" : span.text}
          </a>
        );
      })}
    </>
  );
}
