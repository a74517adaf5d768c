import type { Banner, Status } from "@shipanion/client";
import { describe, expect, it } from "vitest";
import type { StatusWords } from "../../src/shell/statusWords.js";
import { countdown, LIVE, liveWords, statusWords } from "../../src/shell/statusWords.js";

const say = (banner: Omit<Banner, "out">, unsent = 0, wasCut = true): StatusWords =>
  statusWords({ out: "banner", ...banner }, unsent, wasCut);

it.each<[string, Omit<Banner, "out">, Partial<StatusWords>]>([
  ["opening", { status: "connecting" }, { tone: "quiet", text: "Connecting…" }],
  ["live", { status: "live" }, LIVE],
  [
    "the first try",
    { status: "reconnecting", attempt: 1, at: 9 },
    { text: "Reconnecting", until: 9, action: "try_now" },
  ],
  ["a later one", { status: "reconnecting", attempt: 3, at: 9 }, { tone: "warn", text: "Reconnecting, try 3" }],
  ["no network", { status: "offline" }, { tone: "warn", text: "No network.", action: "try_now" }],
  ["back, all well", { status: "resumed", replayed: 0 }, { tone: "good", text: "Back. Nothing was missed." }],
  ["back, one missed", { status: "resumed", replayed: 1 }, { text: "Back. The one thing you missed is in." }],
  ["back, some missed", { status: "resumed", replayed: 12 }, { text: "Back. The 12 things you missed are in." }],
  [
    "another log",
    { status: "snapshot", reason: "epoch" },
    { detail: expect.stringContaining("may be missing") as string },
  ],
  [
    "a server that is behind",
    { status: "snapshot", reason: "ahead" },
    { detail: expect.stringContaining("knows less") as string },
  ],
  ["too much", { status: "snapshot", reason: "limit" }, { detail: expect.stringContaining("scroll up") as string }],
  ["gone", { status: "snapshot", reason: "gone" }, { detail: expect.stringContaining("no longer kept") as string }],
  ["a reason of tomorrow", { status: "snapshot", reason: "moon" }, { tone: "warn", fadesAfterMs: 20_000 }],
  [
    "a running turn",
    { status: "still_working", turn_id: "t" },
    { tone: "busy", text: "Bob is still working on the server." },
  ],
  ["no credential", { status: "sign_in", reason: "expired" }, { tone: "bad", action: "sign_in" }],
  [
    "no session",
    { status: "stopped", code: 4301, reason: "not_found" },
    { text: "This conversation cannot be found." },
  ],
  ["taken over", { status: "stopped", code: 4300, reason: "replaced" }, { action: "use_here" }],
  [
    "too large",
    { status: "stopped", code: 1009, reason: "1009" },
    { text: "A message was too large to send.", action: "try_now" },
  ],
  [
    "a refusal in words",
    { status: "stopped", code: 1008, reason: "origin", message: "Not from there." },
    { text: "The server ended the connection.", detail: "Not from there.", action: "reload" },
  ],
  ["a refusal without", { status: "stopped", code: 1002, reason: "1002" }, { detail: "Reason: 1002." }],
  ["the end", { status: "stopped", reason: "done" }, { text: "The connection was closed.", action: "try_now" }],
])("%s", (_, banner, words) => {
  expect(say(banner)).toMatchObject(words);
});

it("says nothing of coming back on a page that was just opened, unless something was missed", () => {
  expect(say({ status: "resumed", replayed: 0 }, 0, false)).toEqual(LIVE);
  expect(say({ status: "resumed", replayed: 2 }, 0, false).text).toBe("Back. The 2 things you missed are in.");
});

describe("what waits here is counted while it cannot go out", () => {
  it.each<Status>(["connecting", "reconnecting", "offline", "sign_in"])("%s", (status) => {
    expect(say({ status }, 1).detail).toMatch(/^1 thing you did is kept here/);
    expect(say({ status }, 2).detail).toMatch(/^2 things you did are kept here/);
  });
});

it("is read out without what changes every second", () => {
  const tries = [1, 2, 3].map(
    (attempt) => say({ status: "reconnecting", attempt, at: attempt * 1_000 }, attempt).announce,
  );
  expect(new Set(tries).size).toBe(1);
});

it.each([
  [4_001, "in 5 s"],
  [1_000, "in 1 s"],
  [1, "in 1 s"],
  [0, "now…"],
  [-500, "now…"],
])("%d ms before the try it says %j", (ms, words) => {
  expect(countdown(10_000 + ms, 10_000)).toBe(words);
});

it("does not call saved what is still on its way", () => {
  const waits = { ...LIVE, detail: "Saving…" };
  expect(say({ status: "live" }, 2)).toEqual(waits);
  expect(say({ status: "resumed", replayed: 0 }, 2, false)).toEqual(waits);
  expect(say({ status: "resumed", replayed: 3 }, 2).detail).toBe("Saving…");
  expect(say({ status: "still_working", turn_id: "t" }, 2).detail).toBe("Saving…");
  expect(liveWords(2)).toEqual(waits); // what is left when words about a return have faded
});
