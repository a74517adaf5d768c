import { useSyncExternalStore } from "react";

/** `wide`: three panes; `middle`: two, and the list in a drawer; `narrow`: one at a time. */
export type PageWidth = "wide" | "middle" | "narrow";

/** The same numbers as in Workspace.module.css. */
const WIDE = "(width >= 1100px)";
const MIDDLE = "(width >= 760px)";

function now(): PageWidth {
  if (window.matchMedia(WIDE).matches) return "wide";
  return window.matchMedia(MIDDLE).matches ? "middle" : "narrow";
}

function subscribe(listener: () => void): () => void {
  const queries = [WIDE, MIDDLE].map((query) => window.matchMedia(query));
  for (const query of queries) query.addEventListener("change", listener);
  return () => {
    for (const query of queries) query.removeEventListener("change", listener);
  };
}

export function usePageWidth(): PageWidth {
  return useSyncExternalStore(subscribe, now);
}
