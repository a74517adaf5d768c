import type { JsonObject } from "@shipanion/client";
import { useState } from "react";
import { useDevicePlace } from "../session/CurrentSession.js";
import type { Pane } from "./TabBar.js";
import { PANES } from "./TabBar.js";

/**
 * The pane that a narrow page shows, kept with this device's place. Another conversation begins at Bob, whatever was
 * shown before.
 */
export function usePane(opened: number): readonly [Pane, (pane: Pane) => void] {
  const { restored, keep } = useDevicePlace();
  const [shown, show] = useState(() => ({ opened, pane: paneOf(restored.pane) }));
  let { pane } = shown;
  if (shown.opened !== opened) {
    pane = "bob";
    show({ opened, pane });
  }
  const choose = (chosen: Pane): void => {
    show({ opened, pane: chosen });
    if (chosen !== "sessions") keep({ pane: chosen });
  };
  return [pane, choose];
}

function paneOf(kept: string | undefined): Pane {
  return PANES.find((name) => name === kept) ?? "bob";
}

interface Looked {
  readonly opened: number;
  readonly offset: number | undefined;
  readonly parcel: string | undefined;
}

/** The panes, other than the one that is shown, in which something changed since they were looked at. */
export function useNews(
  opened: number,
  pane: Pane,
  state: JsonObject | undefined,
  offset: number | undefined,
): readonly Pane[] {
  const parcel = state === undefined ? undefined : JSON.stringify({ ...state, title: null });
  const [looked, look] = useState<Looked>({ opened, offset, parcel });
  const isOther = looked.opened !== opened;
  const now: Looked = {
    opened,
    // What is there from the beginning is no news.
    offset: isOther || pane === "bob" || looked.offset === undefined ? offset : looked.offset,
    parcel: isOther || pane === "parcel" || looked.parcel === undefined ? parcel : looked.parcel,
  };
  if (isOther || now.offset !== looked.offset || now.parcel !== looked.parcel) look(now);
  const news: Pane[] = [];
  if (offset !== now.offset) news.push("bob");
  if (parcel !== now.parcel) news.push("parcel");
  return news;
}
