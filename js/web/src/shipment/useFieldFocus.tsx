import type { FocusEvent, RefObject } from "react";
import { useEffect, useRef } from "react";
import { useDevicePlace } from "../session/CurrentSession.js";

const OF_THIS_PANE = "parcel.";

/** Where the focus is in the form outlives a reload. Gives what the pane is told of it. */
export function useFieldFocus(pane: RefObject<HTMLElement | null>, isKnown: boolean) {
  const { restored, keep } = useDevicePlace();
  const wanted = useRef(restored.focus);
  useEffect(() => {
    const { current: name } = wanted;
    if (!isKnown) return;
    wanted.current = undefined;
    if (name?.startsWith(OF_THIS_PANE) !== true) return;
    const fields = pane.current?.querySelectorAll<HTMLInputElement>("input[name]") ?? [];
    [...fields].find((field) => `${OF_THIS_PANE}${field.name}` === name)?.focus({ preventScroll: true });
  }, [isKnown, pane]);
  return {
    entered: ({ target }: FocusEvent) => {
      if (target instanceof HTMLInputElement && target.name !== "") keep({ focus: `${OF_THIS_PANE}${target.name}` });
    },
    left: () => {
      // A window that goes to the back keeps its focus for when it is back.
      if (document.hasFocus()) keep({ focus: null });
    },
  };
}
