import type { RefObject } from "react";
import { useEffect, useRef } from "react";

/**
 * Leads the keyboard and screen readers to the heading when another place is on the page; not on the first one, where
 * the browser itself begins at the top, and not away from what waits for an answer (`data-keeps-focus`).
 */
export function useFocusOnArrival(place: unknown, page: RefObject<HTMLElement | null>): void {
  const last = useRef(place);
  useEffect(() => {
    if (last.current === place) return;
    last.current = place;
    if (document.activeElement?.matches("[data-keeps-focus] *") === true) return;
    page.current?.querySelector<HTMLElement>("[data-heading]")?.focus();
  }, [place, page]);
}
