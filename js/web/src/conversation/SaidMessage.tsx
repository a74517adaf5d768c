import { Check, CircleAlert, Clock } from "lucide-react";
import type { ReactElement } from "react";
import { Button } from "../ui/Button.js";
import { classes } from "../ui/classes.js";
import { clock } from "./figures.js";
import type { Said } from "./item.js";
import styles from "./Message.module.css";
import { useAround } from "./ThreadContext.js";

/** What a person said, and how far it came. */
export function SaidMessage({ item }: { readonly item: Said }): ReactElement {
  const { session, turns, again, edit } = useAround();
  const { by, state, text, turnId } = item;
  const waits = turnId !== undefined && turns.indexOf(turnId) > 0;
  return (
    <div className={classes(styles.said, by.who === "other" && styles.other, state === "failed" && styles.failed)}>
      {by.who === "other" && <p className={styles.name}>{by.name}</p>}
      <div className={styles.mine}>
        <span className={styles.unseen}>{by.who === "other" ? `${by.name} said: ` : "You said: "}</span>
        <span className={styles.words}>{text}</span>
      </div>
      {state === "failed" ? (
        <div className={styles.problem}>
          <p>
            <CircleAlert size={14} aria-hidden /> Not sent. {item.reason}
          </p>
          <div className={styles.actions}>
            <Button
              size="small"
              onClick={() => {
                again(item.key);
              }}
            >
              Try again
            </Button>
            <Button
              size="small"
              onClick={() => {
                edit(item.key);
              }}
            >
              Edit
            </Button>
          </div>
        </div>
      ) : (
        <p className={styles.state}>
          <State item={item} waits={waits} />
          {waits && (
            <button
              type="button"
              className={styles.link}
              onClick={() => {
                session.stop(turnId).catch(() => undefined);
              }}
            >
              Cancel
            </button>
          )}
        </p>
      )}
    </div>
  );
}

function State({ item, waits }: { readonly item: Said; readonly waits: boolean }): ReactElement {
  const { isLive, needsSignIn } = useAround();
  if (item.state === "pending" || item.state === "keeping") {
    const until = needsSignIn ? "goes out after you sign in" : "goes out when you are back";
    const words = item.state === "keeping" ? "Keeping it here…" : `Kept here, ${until}`;
    return (
      <>
        <Clock size={12} aria-hidden /> {isLive ? "Sending" : words}
      </>
    );
  }
  if (item.state === "acked") {
    return (
      <>
        <Check size={12} aria-hidden /> Sent
      </>
    );
  }
  return (
    <>
      {waits && <Clock size={12} aria-hidden />}
      {waits && "Next in line"}
      {!waits && item.by.who === "elsewhere" && "On another device, "}
      {!waits && item.at !== undefined && clock(item.at)}
    </>
  );
}
