import { useCallback, useEffect, useMemo, useState } from "react";
import { useDevicePlace } from "../session/CurrentSession.js";
import type { Drafts } from "./drafts.js";
import { draftsOf, textOfDrafts, typed, without } from "./drafts.js";

/** What is half typed on this device, and how that changes. It outlives a reload. */
export interface DraftsHere {
  readonly drafts: Drafts;
  /** The field shows `shown` when nothing is typed. */
  readonly type: (field: string, text: string, shown: string) => void;
  /** Of one field, or of a group of them. */
  readonly drop: (field: string) => void;
}

export function useDrafts(): DraftsHere {
  const { restored, keep } = useDevicePlace();
  const [of, setOf] = useState(restored);
  const [drafts, setDrafts] = useState(() => draftsOf(restored.fields));
  if (of !== restored) {
    setOf(restored);
    setDrafts(draftsOf(restored.fields));
  }
  useEffect(() => {
    keep({ fields: textOfDrafts(drafts) });
  }, [keep, drafts]);
  const type = useCallback((field: string, text: string, shown: string) => {
    setDrafts((before) => typed(before, field, text, shown));
  }, []);
  const drop = useCallback((field: string) => {
    setDrafts((before) => without(before, field));
  }, []);
  return useMemo(() => ({ drafts, type, drop }), [drafts, type, drop]);
}
