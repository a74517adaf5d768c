/**
 * Where this device is in a session: the open step, how far it is scrolled, what is typed and not sent. It belongs to
 * the device, so it is in no event. It is kept three times: at once in this tab, so that two tabs do not take each
 * other's words away when they are reloaded; at once in this browser, for a tab that is closed and opened again; and on
 * the server, which outlives a browser that forgets. A tab's own counts first, of the others the newer one.
 */

import type { JsonObject } from "@shipanion/client";

export interface Place {
  /** The open step of the shipment, as `current_step`. */
  readonly step?: number;
  /** The first event that is in view, and how many px its item is scrolled past the top; absent at the end. */
  readonly scroll?: Scroll;
  /** What is typed and not sent. */
  readonly draft?: string;
  /** What is half typed in the shipment's form, as JSON text, so that it is replaced whole. */
  readonly fields?: string;
  /** The pane that a narrow page shows. */
  readonly pane?: string;
  /** The name of the field that has the focus. */
  readonly focus?: string;
}

export type Scroll = { readonly offset: number; readonly px: number };

/** What changes; null takes a member away. */
export type PlaceChange = { readonly [Name in keyof Place]?: Place[Name] | null };

/** The part of `Storage` that is used. It may throw: then this browser keeps nothing. */
export type PlaceStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** Where a page keeps places: what outlives its tab, and what is the tab's alone. Either may be forbidden. */
export interface Shelves {
  readonly browser?: PlaceStorage | undefined;
  readonly tab?: PlaceStorage | undefined;
}

/** As much of a session as is used. */
export interface Keeping {
  keepDeviceState(patch: JsonObject): void;
}

/** Which session: under its id, and under the key of its making for as long as the page may come back by that. */
export interface Which {
  readonly user: string;
  readonly sessionId?: string | undefined;
  readonly newKey?: string | undefined;
}

const PREFIX = "shipanion.place:";
/** Sessions whose places one browser keeps for one person; the ones not used for longest go. */
const MOST_KEPT = 200;
/** Longer drafts stay in this browser: the server keeps 16 KiB per device. */
const LONGEST_DRAFT_SENT = 8_000;
const TELL_EVERY_MS = 1_000;

interface Kept {
  readonly at: number;
  readonly place: Place;
}

const NOWHERE: Kept = { at: 0, place: {} };

/**
 * One session's place. `subscribe` and `restored` fit `useSyncExternalStore`: they tell what was found, not every
 * keystroke that is kept.
 */
export class DevicePlace {
  readonly #shelves: Shelves;
  readonly #now: () => number;
  readonly #subscribers = new Set<() => void>();
  #which: Which;
  #kept: Kept;
  /** What is kept is this tab's own: found there, or changed since. */
  #isOwn = false;
  #restored: Place;
  #session: Keeping | undefined;
  #untold = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(which: Which, shelves: Shelves, now: () => number = Date.now) {
    this.#which = which;
    this.#shelves = shelves;
    this.#now = now;
    this.#kept = this.#find();
    this.#restored = this.#kept.place;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  };

  /** The place to go to: what was kept when this began, or what the server gave back since. */
  restored = (): Place => this.#restored;

  /** The place as of now. */
  current = (): Place => this.#kept.place;

  /** Keep a change: here at once, on the server within a second, or as soon as there is a connection. */
  keep = (change: PlaceChange): void => {
    const before = this.#kept;
    const place = merged(before.place, change);
    if (JSON.stringify(place) === JSON.stringify(before.place)) return;
    this.#kept = { at: Math.max(this.#now(), before.at + 1), place };
    this.#isOwn = true;
    this.#write();
    this.#untold = true;
    this.#timer ??= this.#session && setTimeout(this.flush, TELL_EVERY_MS);
  };

  /** The session became known by its id. */
  known(sessionId: string): void {
    if (this.#which.sessionId === sessionId) return;
    this.#which = { ...this.#which, sessionId };
    const wasOwn = this.#isOwn;
    const found = this.#find();
    if (found.at > this.#kept.at && (this.#isOwn || !wasOwn)) this.#restore(found);
    else if (this.#kept.at > 0) this.#write();
  }

  /** There is a connection, and this is what the server kept for this device. */
  connected(session: Keeping, deviceState: JsonObject | undefined): void {
    this.#session = session;
    const told = placeOf(deviceState);
    if (told.at > this.#kept.at && !this.#isOwn) this.#restore(told);
    this.#untold ||= told.at !== this.#kept.at;
    if (this.#untold) this.#timer ??= setTimeout(this.flush, TELL_EVERY_MS);
  }

  /** There is none: what changes meanwhile is told later. */
  disconnected(): void {
    this.#session = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Tell the server now: the page may be going away. */
  flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#untold || this.#session === undefined) return;
    this.#untold = false;
    this.#session.keepDeviceState(patchOf(this.#kept));
  };

  #restore(found: Kept): void {
    this.#kept = found;
    this.#restored = found.place;
    this.#write();
    for (const subscriber of [...this.#subscribers]) subscriber();
  }

  #find(): Kept {
    const { sessionId, newKey } = this.#which;
    const on = (shelf: PlaceStorage | undefined) => newer(this.#read(shelf, sessionId), this.#read(shelf, newKey));
    const own = on(this.#shelves.tab);
    if (own.at > 0) this.#isOwn = true;
    return own.at > 0 ? own : on(this.#shelves.browser);
  }

  #read(shelf: PlaceStorage | undefined, name: string | undefined): Kept {
    if (name === undefined) return NOWHERE;
    try {
      return placeOf(JSON.parse(shelf?.getItem(keyOf(this.#which.user, name)) ?? "null"));
    } catch {
      return NOWHERE;
    }
  }

  #write(): void {
    const { user, sessionId, newKey } = this.#which;
    const text = JSON.stringify({ ...this.#kept.place, at: this.#kept.at });
    for (const shelf of [this.#shelves.tab, this.#shelves.browser]) {
      try {
        for (const name of [sessionId, newKey]) {
          if (name !== undefined) shelf?.setItem(keyOf(user, name), text);
        }
      } catch {
        // Full, or not allowed: the other copies have to do.
      }
    }
  }
}

/** Forget where this browser was in that person's sessions. */
export function forgetPlaces(user: string, storage: PlaceStorage): void {
  for (const key of keysOf(user, storage)) storage.removeItem(key);
}

/** What to do in a tab when another one forgot places: a `storage` event says which. */
export function forgottenElsewhere(tab: PlaceStorage): (event: Pick<StorageEvent, "key" | "newValue">) => void {
  return ({ key, newValue }) => {
    if (key !== null && key.startsWith(PREFIX) && newValue === null) tab.removeItem(key);
  };
}

/** Let go of the places that were not used for longest. */
export function prunePlaces(user: string, storage: PlaceStorage): void {
  const keys = keysOf(user, storage);
  if (keys.length <= MOST_KEPT) return;
  const age = (key: string) => {
    try {
      return placeOf(JSON.parse(storage.getItem(key) ?? "null")).at;
    } catch {
      return 0;
    }
  };
  const oldest = keys.map((key) => [age(key), key] as const).sort(([one], [other]) => one - other);
  for (const [, key] of oldest.slice(0, keys.length - MOST_KEPT)) storage.removeItem(key);
}

/** The keys of what is kept for that person under a name that begins like this. */
export function keysOf(user: string, storage: PlaceStorage, beginning = ""): string[] {
  const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at));
  return keys.filter((key) => key !== null).filter((key) => key.startsWith(keyOf(user, beginning)));
}

/** Where something of that person's is kept; it is forgotten with their places. */
export function keyOf(user: string, name: string): string {
  return `${PREFIX}${encodeURIComponent(user)}:${name}`;
}

function newer(one: Kept, other: Kept): Kept {
  return other.at > one.at ? other : one;
}

function merged(place: Place, change: PlaceChange): Place {
  const members: [string, unknown][] = Object.entries({ ...place, ...change });
  return Object.fromEntries(members.filter(([, value]) => value !== null && value !== undefined));
}

/** A merge patch that makes the server's copy the same, whatever it held. */
function patchOf({ at, place }: Kept): JsonObject {
  const { step = null, scroll, draft = null, fields = null, pane = null, focus = null } = place;
  const short = draft === null || draft.length <= LONGEST_DRAFT_SENT ? draft : null;
  return { at, step, scroll: scroll === undefined ? null : { ...scroll }, draft: short, fields, pane, focus };
}

/** What was kept, by us or by an older page: anything that does not fit is left out. */
function placeOf(value: unknown): Kept {
  if (typeof value !== "object" || value === null) return NOWHERE;
  const { at, step, scroll, draft, fields, pane, focus } = value as Record<string, unknown>;
  const place = merged(
    {},
    {
      step: typeof step === "number" ? step : null,
      scroll: scrollOf(scroll),
      draft: typeof draft === "string" ? draft : null,
      fields: typeof fields === "string" ? fields : null,
      pane: typeof pane === "string" ? pane : null,
      focus: typeof focus === "string" ? focus : null,
    },
  );
  return { at: typeof at === "number" ? at : 0, place };
}

function scrollOf(value: unknown): Scroll | null {
  if (typeof value !== "object" || value === null) return null;
  const { offset, px } = value as Record<string, unknown>;
  return typeof offset === "number" && typeof px === "number" ? { offset, px } : null;
}
