import { useCallback, useEffect, useMemo, useState } from "react";
import { useDevicePlace } from "../session/CurrentSession.js";
import type { Drafts } from "./drafts.js";
import { draftsOf, textOfDrafts, toKeep, typed, without } from "./drafts.js";
import { useShipment } from "./Shipment.js";

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
  const { edits, parcel } = useShipment();
  const [of, setOf] = useState(restored);
  const [drafts, setDrafts] = useState(() => draftsOf(restored.fields));
  if (of !== restored) {
    setOf(restored);
    setDrafts(draftsOf(restored.fields));
  }
  useEffect(() => {
    keep({ fields: textOfDrafts(toKeep(drafts, edits.refused, parcel.details)) });
  }, [keep, drafts, edits.refused, parcel.details]);
  const type = useCallback((field: string, text: string, shown: string) => {
    setDrafts((before) => typed(before, field, text, shown));
  }, []);
  const drop = useCallback((field: string) => {
    setDrafts((before) => without(before, field));
  }, []);
  return useMemo(() => ({ drafts, type, drop }), [drafts, type, drop]);
}
