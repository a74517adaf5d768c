import type { ReactElement } from "react";
import { Button } from "../ui/Button.js";
import styles from "./Composer.module.css";
import type { QuickReply } from "./quickReplies.js";

/** What can be said with one press. The room is kept when there is nothing to offer. */
export function QuickReplies({
  replies,
  onReply,
}: {
  readonly replies: readonly QuickReply[];
  /** `byKeys`: the button that is pressed is about to go, and the focus with it. */
  readonly onReply: (reply: QuickReply, byKeys: boolean) => void;
}): ReactElement {
  return (
    <div className={styles.replies} role="group" aria-label="Quick replies">
      {replies.map((reply) => (
        <Button
          key={reply.label}
          size="small"
          className={styles.reply}
          look={reply.leads === true ? "primary" : "secondary"}
          onClick={({ detail: presses }) => {
            // The second press of a double one would hit what came into this one's place.
            if (presses <= 1) onReply(reply, presses === 0);
          }}
        >
          {reply.label}
        </Button>
      ))}
    </div>
  );
}
