import type { RefObject } from "react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useCurrentSession, useDevicePlace } from "../session/CurrentSession.js";
import type { Item } from "./item.js";
import type { Anchor, Row } from "./scrolling.js";
import { anchorOf, correction, drawnFrom, isAtEnd, MORE, rowAt, unread } from "./scrolling.js";

const KEEP_PLACE_MS = 250;
/** Pages of older events that are brought to find the place that a person left. */
const PAGES_BACK = 6;

export interface Thread {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly list: RefObject<HTMLOListElement | null>;
  /** Stands above the first item: when it comes near, older ones are wanted. */
  readonly above: RefObject<HTMLDivElement | null>;
  readonly drawn: readonly Item[];
  readonly isFollowing: boolean;
  /** What came since the newest were last looked at. */
  readonly missed: number;
  readonly toEnd: () => void;
  readonly onScroll: () => void;
}

/**
 * Keeps a long list where it is read: at its end while the newest are followed, else with the first visible item in
 * its place, whatever comes before or after it. The place outlives a reload.
 */
export function useThread(items: readonly Item[]): Thread {
  const { transcript, loadOlder, follow } = useCurrentSession();
  const { restored, keep } = useDevicePlace();
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const above = useRef<HTMLDivElement>(null);
  /** What is being read; undefined while the newest are followed. */
  const anchor = useRef<Anchor>(undefined);
  const lastTop = useRef(0);
  const keeping = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [reading, setReading] = useState<{ readonly first: string; readonly seen: number }>();

  const keys = useMemo(() => items.map(({ key }) => key), [items]);
  const from = drawnFrom(keys, reading?.first, reading === undefined);
  const drawn = useMemo(() => items.slice(from), [items, from]);
  const last = items.findLast(({ offset }) => offset !== undefined)?.offset ?? 0;

  const settle = useCallback(() => {
    const view = box.current;
    if (view === null || view.clientHeight === 0) return;
    if (anchor.current === undefined) view.scrollTop = view.scrollHeight;
    else view.scrollTop += correction(anchor.current, rowsOf(view, list.current));
    lastTop.current = view.scrollTop;
  }, []);

  const toEnd = useCallback(() => {
    anchor.current = undefined;
    setReading(undefined);
    clearTimeout(keeping.current);
    keep({ scroll: null });
    settle();
  }, [keep, settle]);

  /** Read from that item on, as if somebody had scrolled there. */
  const readFrom = useCallback(
    (place: Anchor, seen: number) => {
      anchor.current = place;
      const at = Math.max(0, keys.indexOf(place.key) - 20);
      setReading({ first: keys[at] ?? place.key, seen });
    },
    [keys],
  );

  const onScroll = useCallback(() => {
    const view = box.current;
    if (view === null || view.clientHeight === 0) return;
    const wentUp = view.scrollTop < lastTop.current - 1;
    lastTop.current = view.scrollTop;
    if (isAtEnd(view)) {
      if (anchor.current !== undefined) toEnd();
      return;
    }
    // Only a person goes up: what grows below the end is followed.
    if (anchor.current === undefined && !wentUp) return;
    const found = anchorOf(rowsOf(view, list.current));
    if (found === undefined) return;
    anchor.current = found;
    setReading((was) => was ?? { first: keys[from] ?? found.key, seen: last });
    clearTimeout(keeping.current);
    keeping.current = setTimeout(() => {
      keep({ scroll: { offset: found.offset ?? 0, px: Math.round(-found.top) } });
    }, KEEP_PLACE_MS);
  }, [from, keep, keys, last, toEnd]);

  // --- where to begin -----------------------------------------------------------------------------------------------

  const isBegun = useRef(false);
  const pages = useRef(0);
  const hasItems = items.length > 0;
  const { more } = transcript;
  useLayoutEffect(() => {
    if (isBegun.current || !hasItems) return;
    const { scroll } = restored;
    const row = scroll === undefined ? undefined : rowAt(items, scroll.offset);
    if (scroll !== undefined && row === undefined && more && pages.current < PAGES_BACK) {
      pages.current += 1;
      void loadOlder();
      return;
    }
    isBegun.current = true;
    // eslint-disable-next-line react-hooks/set-state-in-effect -- once, before anything is painted
    if (scroll !== undefined && row !== undefined) readFrom({ key: row.key, top: -scroll.px }, last);
  }, [hasItems, items, last, loadOlder, more, readFrom, restored]);

  // Who comes back after a while begins to read where they left.
  const away = items.find((item) => item.kind === "away");
  useLayoutEffect(() => {
    if (away !== undefined && anchor.current === undefined) readFrom({ key: away.key, top: 12 }, away.since);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each time of being away
  }, [away?.key]);

  // --- what keeps it there ------------------------------------------------------------------------------------------

  useLayoutEffect(settle);
  useEffect(() => {
    const [view, rows] = [box.current, list.current];
    if (view === null || rows === null) return;
    const sizes = new ResizeObserver(settle);
    sizes.observe(view);
    sizes.observe(rows);
    return () => {
      sizes.disconnect();
      clearTimeout(keeping.current);
    };
  }, [settle]);

  const isFollowing = reading === undefined;
  useEffect(() => {
    if (isFollowing) follow();
  }, [isFollowing, follow]);

  const first = keys[0];
  useEffect(() => {
    const [view, mark] = [box.current, above.current];
    if (view === null || mark === null || !hasItems) return;
    const near = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting !== true) return;
        if (from > 0 && !isFollowing) {
          setReading((was) => was && { ...was, first: keys[drawnFrom(keys, was.first, false, MORE)] ?? was.first });
        } else if (from === 0 && more) {
          void loadOlder();
        }
      },
      { root: view, rootMargin: "600px 0px 0px 0px" },
    );
    near.observe(mark);
    return () => {
      near.disconnect();
    };
    // `first` and `from`: looked at again when something came before, for that may not be enough.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `keys` changes with every event, its first does not
  }, [first, from, hasItems, isFollowing, loadOlder, more]);

  const missed = reading === undefined ? 0 : unread(items, reading.seen);
  return { box, list, above, drawn, isFollowing, missed, toEnd, onScroll };
}

/** The drawn items with their edges, looked at one after the other. */
function* rowsOf(view: HTMLElement, list: HTMLElement | null): Generator<Row> {
  const { top: edge } = view.getBoundingClientRect();
  for (const row of list?.children ?? []) {
    if (!(row instanceof HTMLElement) || row.dataset.key === undefined) continue;
    const { top, bottom } = row.getBoundingClientRect();
    const offset = row.dataset.offset === undefined ? undefined : Number(row.dataset.offset);
    yield { key: row.dataset.key, offset, top: top - edge, bottom: bottom - edge };
  }
}
