import { useCallback, useMemo, useState } from "react";
import type { Drafts } from "./drafts.js";
import { typed, without } from "./drafts.js";

/** What is half typed on this device, and how that changes. */
export interface DraftsHere {
  readonly drafts: Drafts;
  /** The field shows `shown` when nothing is typed. */
  readonly type: (field: string, text: string, shown: string) => void;
  /** Of one field, or of a group of them. */
  readonly drop: (field: string) => void;
}

export function useDrafts(): DraftsHere {
  const [drafts, setDrafts] = useState<Drafts>({});
  const type = useCallback((field: string, text: string, shown: string) => {
    setDrafts((before) => typed(before, field, text, shown));
  }, []);
  const drop = useCallback((field: string) => {
    setDrafts((before) => without(before, field));
  }, []);
  return useMemo(() => ({ drafts, type, drop }), [drafts, type, drop]);
}
