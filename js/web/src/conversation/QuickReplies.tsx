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
  readonly onReply: (reply: QuickReply) => void;
}): ReactElement {
  return (
    <div className={styles.replies} role="group" aria-label="Quick replies">
      {replies.map((reply) => (
        <Button
          key={reply.label}
          size="small"
          className={styles.reply}
          look={reply.leads === true ? "primary" : "secondary"}
          onClick={() => {
            onReply(reply);
          }}
        >
          {reply.label}
        </Button>
      ))}
    </div>
  );
}
