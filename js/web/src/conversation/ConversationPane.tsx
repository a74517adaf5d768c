import type { ReactElement } from "react";

/** What was said, and where the next thing is said. */
export function ConversationPane(): ReactElement {
  return <section aria-label="Conversation" />;
}
