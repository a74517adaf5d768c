import { beforeEach, describe, expect, it, vi } from "vitest";
import type { PlaceStorage } from "../../src/session/devicePlace.js";
import { DevicePlace, forgetPlaces, forgottenElsewhere, prunePlaces } from "../../src/session/devicePlace.js";

class Book implements PlaceStorage {
  readonly entries = new Map<string, string>();
  get length(): number {
    return this.entries.size;
  }
  key(at: number): string | null {
    return [...this.entries.keys()][at] ?? null;
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.entries.set(key, value);
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
}

class Told {
  readonly patches: unknown[] = [];
  keepDeviceState(patch: unknown): void {
    this.patches.push(patch);
  }
}

let book: Book;
beforeEach(() => {
  book = new Book();
  vi.useFakeTimers();
});

const open = (sessionId?: string, newKey?: string, user = "ana", tab?: Book) =>
  new DevicePlace({ user, sessionId, newKey }, { browser: book, tab });

describe("in this browser", () => {
  it("a draft is there after a reload, without any connection", () => {
    open("s1").keep({ draft: "5 lb fr" });
    expect(open("s1").restored()).toEqual({ draft: "5 lb fr" });
    expect(open("s2").restored()).toEqual({});
    expect(open("s1", undefined, "ben").restored()).toEqual({});
  });

  it("a draft of a new conversation is found by its key and by its id", () => {
    const place = open(undefined, "k1");
    place.keep({ draft: "hello" });
    place.known("s1");
    expect(open("s1").restored()).toEqual({ draft: "hello" });
    expect(open(undefined, "k1").restored()).toEqual({ draft: "hello" });
    place.keep({ draft: null });
    expect(open("s1").restored()).toEqual({});
    expect(open(undefined, "k1").restored()).toEqual({});
  });

  it("one thing changes, the others stay", () => {
    const place = open("s1");
    place.keep({ step: 2, scroll: { offset: 8, px: -12 } });
    place.keep({ scroll: null, pane: "parcel" });
    expect(place.current()).toEqual({ step: 2, pane: "parcel" });
    expect(open("s1").restored()).toEqual({ step: 2, pane: "parcel" });
  });

  it("two tabs of one session keep their words apart, and a third begins where the last one was", () => {
    const [one, other] = [new Book(), new Book()];
    open("s1", undefined, "ana", one).keep({ draft: "typed here" });
    open("s1", undefined, "ana", other).keep({ draft: "typed there" });
    expect(open("s1", undefined, "ana", one).restored()).toEqual({ draft: "typed here" });
    expect(open("s1", undefined, "ana", other).restored()).toEqual({ draft: "typed there" });
    expect(open("s1", undefined, "ana", new Book()).restored()).toEqual({ draft: "typed there" });
  });

  it("a tab's own place is not taken from it by what another tab told the server", () => {
    const tab = new Book();
    vi.setSystemTime(1_000);
    open("s1", undefined, "ana", tab).keep({ draft: "mine" });
    const place = open("s1", undefined, "ana", tab);
    place.connected(new Told(), { at: 2_000, draft: "the other tab's" });
    expect(place.restored()).toEqual({ draft: "mine" });
  });

  it("a place that another tab forgot is forgotten in this one", () => {
    const tab = new Book();
    open("s1", undefined, "ana", tab).keep({ draft: "mine" });
    tab.setItem("of somebody else", "kept");
    const hear = forgottenElsewhere(tab);
    for (const key of book.entries.keys()) hear({ key, newValue: "changed only" });
    expect(tab.length).toBe(2);
    for (const key of book.entries.keys()) hear({ key, newValue: null });
    hear({ key: "of somebody else", newValue: null });
    expect([...tab.entries.keys()]).toEqual(["of somebody else"]);
  });

  it.each(["nonsense", "[]", "7", '{"step": "two", "scroll": {"px": 1}, "draft": 5}'])("%s is no place", (text) => {
    open("s1").keep({ draft: "x" });
    for (const key of book.entries.keys()) book.setItem(key, text);
    expect(open("s1").restored()).toEqual({});
  });

  it("a browser that keeps nothing, or no more, stops nobody", () => {
    const place = new DevicePlace({ user: "ana", sessionId: "s1" }, {});
    place.keep({ draft: "hello" });
    expect(place.current()).toEqual({ draft: "hello" });
    book.setItem = () => {
      throw new Error("QuotaExceededError");
    };
    open("s1").keep({ draft: "hello" });
  });

  it("signing out forgets that person's places and nobody else's", () => {
    open("s1").keep({ draft: "mine" });
    open("s2").keep({ draft: "mine" });
    open("s1", undefined, "anabel").keep({ draft: "theirs" });
    forgetPlaces("ana", book);
    expect(open("s1").restored()).toEqual({});
    expect(open("s1", undefined, "anabel").restored()).toEqual({ draft: "theirs" });
  });

  it("of very many sessions the ones not used for longest are let go", () => {
    for (let at = 0; at < 210; at++) {
      vi.setSystemTime(1_000 + at);
      open(`s${String(at)}`).keep({ step: 1 });
    }
    prunePlaces("ana", book);
    expect(book.length).toBe(200);
    expect(open("s9").restored()).toEqual({});
    expect(open("s10").restored()).toEqual({ step: 1 });
  });
});

describe("on the server", () => {
  it("is told at most once a second, all of it", () => {
    const session = new Told();
    const place = open("s1");
    place.connected(session, undefined);
    place.keep({ draft: "5" });
    place.keep({ draft: "5 lb" });
    expect(session.patches).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(session.patches).toMatchObject([{ draft: "5 lb", step: null, scroll: null }]);
    vi.advanceTimersByTime(10_000);
    expect(session.patches).toHaveLength(1);
  });

  it("is told what changed without a connection once there is one", () => {
    const session = new Told();
    const place = open("s1");
    place.keep({ step: 1 });
    vi.advanceTimersByTime(5_000);
    place.connected(session, { at: 1 });
    vi.advanceTimersByTime(1_000);
    expect(session.patches).toMatchObject([{ step: 1 }]);
  });

  it("is told at once when the page goes away, and nothing twice", () => {
    const session = new Told();
    const place = open("s1");
    place.connected(session, undefined);
    place.keep({ step: 1 });
    place.flush();
    place.flush();
    place.disconnected();
    vi.advanceTimersByTime(5_000);
    expect(session.patches).toHaveLength(1);
  });

  it("gives a browser that forgot its place back", () => {
    const place = open("s1");
    const heard = vi.fn();
    place.subscribe(heard);
    place.connected(new Told(), { at: 5, draft: "from before", scroll: { offset: 3, px: 4 }, scrollPosition: 9 });
    expect(heard).toHaveBeenCalledOnce();
    expect(place.restored()).toEqual({ draft: "from before", scroll: { offset: 3, px: 4 } });
  });

  it("is believed only where it is newer", () => {
    vi.setSystemTime(100);
    const session = new Told();
    const place = open("s1");
    place.keep({ draft: "newer" });
    place.connected(session, { at: 99, draft: "older" });
    expect(place.current()).toEqual({ draft: "newer" });
    vi.advanceTimersByTime(1_000);
    expect(session.patches).toMatchObject([{ draft: "newer" }]);
  });

  it("is not given a draft that is too long for it", () => {
    const session = new Told();
    const place = open("s1");
    place.connected(session, undefined);
    place.keep({ draft: "x".repeat(20_000) });
    place.flush();
    expect(session.patches).toMatchObject([{ draft: null }]);
    expect(open("s1").restored().draft).toHaveLength(20_000);
  });
});
