/** What somebody who writes a message now should know. */

import type { Banner } from "@shipanion/client";

/** A sentence for below the composer; empty where what is sent goes out at once. */
export function sendingNote({ status, reason }: Pick<Banner, "status" | "reason">): string {
  switch (status) {
    case "offline":
    case "reconnecting":
      return "What you send is kept here and goes out when you are back.";
    case "sign_in":
      return "What you send is kept here and goes out after you sign in.";
    case "stopped":
      return reason === "replaced"
        ? "This conversation goes on in another tab."
        : "The server has closed this conversation. What is not sent is kept here.";
    case "connecting":
    case "live":
    case "resumed":
    case "snapshot":
    case "still_working":
      return "";
  }
}
