import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ForApplication } from "../src/clientOutputs.js";
import { Transcript } from "../src/transcript.js";
import type { HistoryPage, SessionEvent } from "../src/wire.js";
import { event } from "./support/surroundings.js";
import { TurnedClock } from "./support/turnedClock.js";

/** A server with one log, and the session of a client of it. */
class Source {
  epoch = "e1";
  log: SessionEvent[] = [];
  /** The client's position, once it has one. */
  position: { epoch: string; offset: number } | undefined;
  /** The oldest event that is still kept. */
  oldest = 1;
  listener: (output: ForApplication) => void = () => undefined;
  readonly asked: { before: number | undefined; answer: (page: HistoryPage) => void; refuse: () => void }[] = [];

  snapshot = () => (this.position === undefined ? {} : { position: this.position });

  listen = (listener: (output: ForApplication) => void) => {
    this.listener = listener;
    return () => (this.listener = () => undefined);
  };

  history = (before?: number): Promise<HistoryPage> =>
    new Promise((answer, reject) => {
      const refuse = () => {
        reject(new Error("refused"));
      };
      this.asked.push({ before, answer, refuse });
    });

  append(count: number): void {
    for (let at = 0; at < count; at += 1) {
      this.log.push(event(this.log.length + 1, "contextual_update", { text: this.epoch, data: {} }) as SessionEvent);
    }
  }

  /** The client is told the next event, if there is one. */
  deliver(): void {
    const offset = (this.position?.offset ?? 0) + 1;
    const next = this.log[offset - 1];
    if (this.position?.epoch !== this.epoch || next === undefined) return;
    this.position = { epoch: this.epoch, offset };
    this.listener({ out: "deliver", position: this.position, event: next });
  }

  welcome(tail: number): void {
    this.position = { epoch: this.epoch, offset: this.log.length };
    const events = this.log.slice(Math.max(this.oldest - 1, this.log.length - tail));
    this.listener({
      out: "snapshot",
      position: this.position,
      state: {},
      ...(events.length > 0 && tail > 0 ? { tail: events } : {}),
    });
  }

  resume(): void {
    if (this.position?.epoch !== this.epoch) return;
    const count = this.log.length - this.position.offset;
    for (let at = 0; at < count; at += 1) this.deliver();
    this.listener({ out: "recovered", count });
  }

  /** Answers the oldest question. */
  async answer(size = 50): Promise<void> {
    const question = this.asked.shift();
    const older = this.log.filter(({ offset }) => offset >= this.oldest && offset < (question?.before ?? Infinity));
    question?.answer({ type: "history_page", events: older.slice(-size), more: older.length > size });
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  }
}

function made(): { source: Source; clock: TurnedClock; transcript: Transcript; offsets: () => number[] } {
  const [source, clock] = [new Source(), new TurnedClock()];
  const transcript = new Transcript(source, clock);
  return { source, clock, transcript, offsets: () => transcript.snapshot().events.map(({ offset }) => offset) };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe("what is shown", () => {
  it("begins with the tail, goes on with events, and grows backwards by pages", async () => {
    const { source, transcript, offsets } = made();
    source.append(120);
    source.welcome(50);
    source.append(2);
    source.deliver();
    source.deliver();
    expect(offsets()).toEqual(range(71, 122));
    expect(transcript.snapshot()).toMatchObject({ more: true, loading: false, reset: 0 });
    const older = [transcript.loadOlder(), transcript.loadOlder()];
    expect(transcript.snapshot().loading).toBe(true);
    await source.answer();
    await Promise.all(older);
    expect(offsets()).toEqual(range(21, 122));
    expect(source.asked).toEqual([]);
    void transcript.loadOlder();
    await source.answer();
    expect(offsets()).toEqual(range(1, 122));
    expect(transcript.snapshot()).toMatchObject({ more: false, loading: false });
    await transcript.loadOlder();
    expect(source.asked).toEqual([]);
  });

  it("loads the newest page by itself when a page comes back with its position and nothing else", async () => {
    const { source, transcript, offsets } = made();
    source.append(80);
    source.position = { epoch: "e1", offset: 77 };
    source.resume();
    expect(transcript.snapshot()).toMatchObject({ more: true, loading: true });
    source.append(1);
    source.deliver();
    await source.answer();
    expect(offsets()).toEqual(range(28, 81));
    const empty = made();
    empty.source.position = { epoch: "e1", offset: 0 };
    empty.source.resume();
    expect(empty.source.asked).toEqual([]);
    expect(empty.transcript.snapshot()).toMatchObject({ events: [], more: false, loading: false });
  });

  it("keeps what it has over a snapshot that goes on from there, and begins anew where there would be a hole", () => {
    const { source, transcript, offsets } = made();
    source.append(60);
    source.welcome(50);
    source.append(30);
    source.welcome(50);
    expect(offsets()).toEqual(range(11, 90));
    source.append(60);
    source.welcome(50);
    expect(offsets()).toEqual(range(101, 150));
    expect(transcript.snapshot()).toMatchObject({ more: true, reset: 0 });
  });

  it("is replaced by another life of the log, and a page of the old one is dropped", async () => {
    const { source, transcript, offsets } = made();
    source.append(120);
    source.welcome(50);
    void transcript.loadOlder();
    source.epoch = "e2";
    source.log = [];
    source.append(3);
    source.welcome(50);
    expect(transcript.snapshot()).toMatchObject({ reset: 1, loading: false, more: false });
    source.asked[0]?.answer({ type: "history_page", events: [], more: true });
    await Promise.resolve();
    expect(offsets()).toEqual([1, 2, 3]);
    expect(transcript.snapshot().events[0]).toMatchObject({ text: "e2" });
  });

  it("stays as it is when a page cannot be had, and can be asked again", async () => {
    const { source, transcript, offsets } = made();
    source.append(120);
    source.welcome(50);
    const older = transcript.loadOlder();
    source.asked.shift()?.refuse();
    await older;
    expect(transcript.snapshot()).toMatchObject({ more: true, loading: false });
    void transcript.loadOlder();
    await source.answer();
    expect(offsets()).toEqual(range(21, 120));
  });

  it("knows that what the server no longer keeps is not to be had", async () => {
    const { source, transcript, offsets } = made();
    source.append(120);
    source.oldest = 60;
    source.welcome(50);
    void transcript.loadOlder();
    await source.answer();
    expect(offsets()).toEqual(range(60, 120));
    expect(transcript.snapshot().more).toBe(false);
  });

  it("is the same object until something changes", () => {
    const { source, transcript } = made();
    source.append(3);
    source.welcome(50);
    const { events } = transcript.snapshot();
    expect(transcript.snapshot()).toBe(transcript.snapshot());
    source.append(1);
    source.deliver();
    expect(events.length).toBe(3);
    expect(transcript.snapshot().events.length).toBe(4);
  });
});

describe("much at once", () => {
  it("a thousand replayed events are a handful of notifications", () => {
    const { source, clock, transcript, offsets } = made();
    source.append(1_010);
    source.position = { epoch: "e1", offset: 10 };
    let calls = 0;
    transcript.subscribe(() => (calls += 1));
    for (let at = 0; at < 1_000; at += 1) {
      source.deliver();
      clock.pass(0.05);
    }
    clock.pass(100);
    expect(calls).toBeLessThan(10);
    expect(offsets()).toEqual(range(11, 1_010));
  });

  it("lets old events go while the newest are followed, and brings them back", async () => {
    const { source, transcript, offsets } = made();
    source.append(10_000);
    source.position = { epoch: "e1", offset: 0 };
    source.resume();
    expect(offsets().length).toBeLessThan(2_500);
    expect(offsets().at(-1)).toBe(10_000);
    const first = offsets()[0] ?? 0;
    void transcript.loadOlder();
    await source.answer();
    expect(offsets()[0]).toBe(first - 50);
    // Somebody reads old ones: they stay.
    source.append(1_000);
    source.resume();
    expect(offsets()).toEqual(range(first - 50, 11_000));
    transcript.follow();
    expect(offsets().length).toBeLessThan(2_500);
  });

  it("takes an event in without copying those before", () => {
    const { source, transcript } = made();
    source.append(100_000);
    source.position = { epoch: "e1", offset: 0 };
    let copies = 0;
    const concat = Array.prototype.slice;
    Array.prototype.slice = function (...args) {
      copies += this.length > 1_000 ? 1 : 0;
      return concat.apply(this, args) as unknown[];
    };
    try {
      while (source.position.offset < 100_000) source.deliver();
    } finally {
      Array.prototype.slice = concat;
    }
    expect(transcript.snapshot().events.at(-1)?.offset).toBe(100_000);
    expect(copies).toBeLessThan(1_000);
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ do: fc.constantFrom("deliver", "resume", "older", "answer", "refuse", "epoch", "follow" as const) }),
  fc.record({ do: fc.constant("deliver" as const) }),
  fc.record({ do: fc.constant("older" as const) }),
  fc.record({ do: fc.constant("answer" as const), count: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ do: fc.constant("welcome" as const), count: fc.integer({ min: 0, max: 50 }) }),
);

it("whatever comes in whatever order: a part of the log without a gap, up to the position", async () => {
  let [pages, resets, joins] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 60, size: "max" }), async (steps) => {
      const { source, transcript } = made();
      for (const taken of steps) {
        const before = transcript.snapshot();
        const count = "count" in taken ? taken.count : 50;
        switch (taken.do) {
          case "append":
            source.append(count);
            break;
          case "deliver":
            source.deliver();
            break;
          case "resume":
            source.resume();
            break;
          case "welcome":
            source.welcome(count);
            break;
          case "older":
            void transcript.loadOlder();
            break;
          case "answer":
            pages += source.asked.length > 0 ? 1 : 0;
            await source.answer(count);
            break;
          case "refuse":
            source.asked.shift()?.refuse();
            for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
            break;
          case "epoch":
            source.epoch = `e${Number(source.epoch.slice(1)) + 1}`;
            source.log = [];
            source.append(count);
            source.welcome(20);
            break;
          default:
            transcript.follow();
        }
        const { events, reset, more } = transcript.snapshot();
        const first = events[0]?.offset ?? 1;
        const { position } = source;
        // An old page may be of the log of another life only as long as no welcome has told of a new one.
        if (position?.epoch === source.epoch) {
          expect(events).toEqual(source.log.slice(first - 1, first - 1 + events.length));
          if (events.length > 0) expect(events.at(-1)?.offset).toBe(position.offset);
          if (events.length > 0) expect(more).toBe(first > 1);
        }
        resets += reset > before.reset ? 1 : 0;
        joins += events.length > before.events.length && (before.events[0]?.offset ?? 0) > first ? 1 : 0;
      }
      // In the end all of it can be had.
      source.resume();
      for (let turn = 0; turn < 200 && transcript.snapshot().more; turn += 1) {
        void transcript.loadOlder();
        await source.answer();
      }
      const { events } = transcript.snapshot();
      if (source.position !== undefined) expect(events).toEqual(source.log.slice(0, source.position.offset));
    }),
    { numRuns: 300 },
  );
  expect(Math.min(pages, resets, joins)).toBeGreaterThan(50);
});
