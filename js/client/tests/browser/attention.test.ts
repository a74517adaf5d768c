import { beforeEach, describe, expect, it } from "vitest";
import { attend, isLocal } from "../../src/browser/attention.js";
import type { Session } from "../../src/session.js";
import type { SessionSnapshot } from "../../src/view.js";
import { NOTHING } from "../../src/view.js";
import { TurnedClock } from "../support/turnedClock.js";

const VISIBLE: DocumentVisibilityState = "visible";

/** A page, and a session that notes what it is told. */
class Scene {
  readonly window = new EventTarget();
  readonly document: EventTarget & { visibilityState: DocumentVisibilityState } = Object.assign(new EventTarget(), {
    visibilityState: VISIBLE,
  });
  readonly clock = new TurnedClock();
  readonly told: string[] = [];
  isOnline = true;
  shown: SessionSnapshot = { ...NOTHING, status: "live", position: { epoch: "e", offset: 1 } };
  #subscriber: () => void = () => undefined;

  attend(isLookedAt = true, isOnThisMachine = false): () => void {
    const session = {
      snapshot: () => this.shown,
      subscribe: (listener: () => void) => {
        this.#subscriber = listener;
        return () => (this.#subscriber = () => undefined);
      },
      seen: () => this.told.push(`seen ${this.shown.position?.offset ?? 0}`),
      tryNow: () => this.told.push("try"),
      networkChanged: (online: boolean) => this.told.push(online ? "online" : "offline"),
    };
    return attend({
      session: session as unknown as Session,
      timers: this.clock,
      page: {
        window: this.window as Window,
        document: this.document,
        isOnline: () => this.isOnline,
      },
      isLocal: isOnThisMachine,
      isLookedAt,
      slept: () => this.told.push("slept"),
      woke: () => this.told.push("woke"),
    });
  }

  change(changes: Partial<SessionSnapshot>): void {
    this.shown = { ...this.shown, ...changes };
    this.#subscriber();
  }

  at(offset: number): void {
    this.change({ position: { epoch: "e", offset } });
  }

  show(isVisible: boolean): void {
    this.document.visibilityState = isVisible ? "visible" : "hidden";
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  happens(name: string, persisted = false): void {
    const target = ["freeze", "resume"].includes(name) ? this.document : this.window;
    target.dispatchEvent(Object.assign(new Event(name), { persisted }));
  }
}

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

describe("the network", () => {
  it("is told of, from the beginning", () => {
    scene.isOnline = false;
    scene.attend();
    expect(scene.told).toEqual(["offline"]);
    scene.isOnline = true;
    scene.happens("online");
    scene.isOnline = false;
    scene.happens("offline");
    expect(scene.told).toEqual(["offline", "online", "offline"]);
  });

  it("is not needed for a server on this machine", () => {
    scene.isOnline = false;
    scene.attend(true, true);
    scene.happens("offline");
    expect(scene.told).toEqual(["online"]);
  });

  it.each(["http://localhost:8000", "http://127.0.0.1", "ws://[::1]:1/ws", "https://app.localhost"])("%s is", (url) => {
    expect(isLocal(url)).toBe(true);
  });

  it.each(["http://192.168.0.2", "https://localhost.example", "https://ship.example"])("%s is not", (url) => {
    expect(isLocal(url)).toBe(false);
  });
});

describe("coming back", () => {
  it.each(["focus", "pageshow", "resume"])("%s tries at once, and tests a line that seems live", (name) => {
    scene.attend();
    scene.happens(name);
    expect(scene.told).toEqual(["try", "woke"]);
  });

  it("counts only when the page can be seen", () => {
    scene.attend();
    scene.show(false);
    scene.happens("resume");
    expect(scene.told).toEqual([]);
    scene.show(true);
    expect(scene.told).toEqual(["try", "woke"]);
  });

  it.each(["sign_in", "stopped"] as const)("leaves %s to the person", (status) => {
    scene.attend();
    scene.change({ status });
    scene.happens("focus");
    expect(scene.told).toEqual(["woke"]);
  });

  it("notices a network whose return was not told", () => {
    scene.attend();
    scene.change({ status: "offline" });
    scene.happens("focus");
    expect(scene.told).toEqual(["online", "woke"]);
  });

  it("a page that is put away whole gives up its line, and has a network again when it is taken out", () => {
    scene.attend();
    scene.happens("pagehide");
    expect(scene.told).toEqual([]);
    scene.happens("pagehide", true);
    scene.happens("pageshow", true);
    expect(scene.told).toEqual(["offline", "slept", "online", "try", "woke"]);
  });
});

describe("what was seen", () => {
  it("is told once for many events, a second after", () => {
    scene.attend();
    for (const offset of [2, 3, 4]) scene.at(offset);
    expect(scene.told).toEqual([]);
    scene.clock.pass(1_000);
    scene.change({ devices: [] });
    scene.clock.pass(5_000);
    expect(scene.told).toEqual(["seen 4"]);
  });

  it("is told at once when the page is left, and never of what came to a hidden one", () => {
    scene.attend();
    scene.at(2);
    scene.show(false);
    scene.at(3);
    scene.clock.pass(5_000);
    expect(scene.told).toEqual(["seen 2"]);
    scene.show(true);
    scene.clock.pass(1_000);
    expect(scene.told).toEqual(["seen 2", "try", "woke", "seen 3"]);
  });

  it("is told again on the next line, since the last word may be lost", () => {
    scene.attend();
    scene.at(2);
    scene.clock.pass(1_000);
    scene.change({ status: "reconnecting" });
    scene.clock.pass(5_000);
    scene.change({ status: "resumed" });
    scene.clock.pass(1_000);
    expect(scene.told).toEqual(["seen 2", "seen 2"]);
  });

  it("is nothing where nobody looks, and nothing after the end", () => {
    scene.attend(false);
    scene.at(2);
    scene.clock.pass(5_000);
    const end = scene.attend();
    scene.at(3);
    end();
    scene.clock.pass(5_000);
    scene.happens("focus");
    expect(scene.told.filter((word) => word.startsWith("seen"))).toEqual([]);
    expect(scene.told.filter((word) => word === "try").length).toBe(1);
  });
});
