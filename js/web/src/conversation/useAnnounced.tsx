import { useEffect, useRef } from "react";
import { useAnnounce } from "../ui/Announcer.js";
import type { Item } from "./item.js";

const LONGEST = 600;
const ENDS = { stopped: "Bob was stopped.", interrupted: "Bob was interrupted.", failed: "Bob could not answer." };

/** Says what is new to screen readers: Bob's answers once they are whole, and what came of a purchase. */
export function useAnnounced(items: readonly Item[], isLoaded: boolean): void {
  const announce = useAnnounce();
  const said = useRef<number>(undefined);
  const last = items.findLast(({ offset }) => offset !== undefined)?.offset ?? 0;
  useEffect(() => {
    if (!isLoaded) return;
    // What was there when the page opened is read, not announced.
    const since = said.current;
    said.current = Math.max(last, since ?? 0);
    if (since === undefined || last <= since) return;
    const fresh = items.findLast((item) => (item.offset ?? 0) > since && newsIn(item) !== "");
    if (fresh !== undefined) announce(newsIn(fresh));
  }, [announce, isLoaded, items, last]);
}

function newsIn(item: Item): string {
  if (item.kind === "answer" && item.isStreaming !== true) {
    const end = item.outcome === undefined ? "" : ENDS[item.outcome];
    return [item.text === "" ? "" : `Bob: ${item.text.slice(0, LONGEST)}`, end].filter(Boolean).join(" ");
  }
  return item.kind === "effect" && item.status !== "claimed" ? (item.say ?? "") : "";
}
