/**
 * The log as it is shown: the tail of a welcome, live events and pages of the history, merged by offset into one list
 * without a gap. A view (I2): nothing here is ever delivered a second time.
 *
 * The list always reaches to the newest event that is known; what it lacks is at its old end, and `loadOlder` brings
 * it. While it only follows the newest it lets go of the oldest again, so that a page that is open for weeks stays small.
 */

import { Batch } from "./batch.js";
import type { ForApplication, Snapshot } from "./clientOutputs.js";
import type { Timers } from "./ports.js";
import type { Position } from "./position.js";
import type { HistoryPage, SessionEvent } from "./wire.js";

/** Events in one page of the history, and how many there are at least before a person asks for more. */
const PAGE = 50;

/** How many are held while the newest are followed, and how many beside a person who reads old ones. */
const FOLLOWED = 2_000;
const HELD = 10_000;

export interface TranscriptSnapshot {
  /** Without a gap, oldest first. */
  readonly events: readonly SessionEvent[];
  /** There are older ones. */
  readonly more: boolean;
  readonly loading: boolean;
  /** Raised when the list was replaced by one of another life of the log. */
  readonly reset: number;
}

/** What a transcript reads from; a `Session` is one. */
export interface TranscriptSource {
  snapshot(): { readonly position?: Position };
  listen(listener: (output: ForApplication) => void): () => void;
  history(before?: number, limit?: number): Promise<HistoryPage>;
}

const EMPTY: TranscriptSnapshot = { events: [], more: false, loading: false, reset: 0 };

export class Transcript {
  readonly #source: TranscriptSource;
  readonly #subscribers = new Set<() => void>();
  readonly #batch: Batch;
  readonly #end: () => void;
  #events: SessionEvent[] = [];
  #epoch: string | undefined;
  /** Where the list ends while it is empty: the offset before the first event to come. */
  #before = 0;
  /** The oldest event that the server still has, once it said so. */
  #oldest = 1;
  #reset = 0;
  #loading: Promise<void> | undefined;
  #isFollowing = true;
  /** Raised when the list is no longer the one that a page under way was asked for. */
  #life = 0;
  #shown: TranscriptSnapshot = EMPTY;
  #isStale = false;

  /** Listens from now on: make it before the session is connected. */
  constructor(source: TranscriptSource, timers: Timers) {
    this.#source = source;
    this.#batch = new Batch(timers, () => {
      for (const subscriber of [...this.#subscribers]) subscriber();
    });
    this.#end = source.listen((output) => {
      this.#hear(output);
    });
  }

  /** Have `listener` called when `snapshot()` gives another object; changes in quick succession are told together. */
  subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  };

  /** What is to be shown now: the same object until something in it changes. */
  snapshot = (): TranscriptSnapshot => {
    if (this.#isStale) {
      this.#isStale = false;
      const events = this.#shown.events;
      this.#shown = {
        events: this.#isAsShown(events) ? events : [...this.#events],
        more: this.#hasMore(),
        loading: this.#loading !== undefined,
        reset: this.#reset,
      };
    }
    return this.#shown;
  };

  /**
   * Bring one page of older events; resolves when it is there, or could not be had. Two calls at a time are one. From
   * then on nothing is let go, until `follow`.
   */
  loadOlder = (): Promise<void> => {
    this.#isFollowing = false;
    return this.#load();
  };

  /** The newest events are looked at again: old ones beyond a sensible number may go. */
  follow = (): void => {
    this.#isFollowing = true;
    this.#letGo();
    this.#changed();
  };

  /** Hear no more. */
  close(): void {
    this.#end();
    this.#batch.end();
    this.#life += 1;
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #hear(output: ForApplication): void {
    switch (output.out) {
      case "snapshot":
        this.#replace(output);
        break;
      case "recovered": {
        const { position } = this.#source.snapshot();
        if (position !== undefined) this.#enter(position);
        break;
      }
      case "deliver":
        this.#enter({ epoch: output.position.epoch, offset: output.position.offset - 1 });
        this.#append([output.event]);
        break;
      default:
        return;
    }
    this.#letGo();
    this.#changed();
    if (output.out !== "deliver" && this.#events.length < PAGE) void this.#load();
  }

  /** A snapshot stands at its position: its tail goes on from what is here, or takes its place. */
  #replace({ position, tail = [] }: Snapshot): void {
    const events = unbroken(tail);
    const before = (events[0]?.offset ?? position.offset + 1) - 1;
    this.#enter({ epoch: position.epoch, offset: before });
    if (this.#last() > position.offset) this.#start(before);
    this.#append(events);
  }

  /** Be where events after `offset` go on: where there would be a hole, begin anew. */
  #enter({ epoch, offset }: Position): void {
    const isOther = epoch !== this.#epoch;
    if (isOther && this.#epoch !== undefined) this.#reset += 1;
    if (isOther) this.#oldest = 1;
    if (isOther || this.#last() < offset) this.#start(offset);
    this.#epoch = epoch;
  }

  /** An empty list that ends behind `offset`. */
  #start(offset: number): void {
    this.#events = [];
    this.#before = offset;
    this.#life += 1;
    this.#loading = undefined;
    this.#isFollowing = true;
  }

  #append(events: readonly SessionEvent[]): void {
    for (const event of events) if (event.offset === this.#last() + 1) this.#events.push(event);
  }

  /** A page that was just opened shows something without being asked; later ones come when a person wants them. */
  #load(): Promise<void> {
    if (this.#loading === undefined && this.#hasMore()) {
      const life = this.#life;
      this.#loading = this.#page(life).finally(() => {
        if (life !== this.#life) return;
        this.#loading = undefined;
        this.#changed();
      });
      this.#changed();
    }
    return this.#loading ?? Promise.resolve();
  }

  async #page(life: number): Promise<void> {
    let page: HistoryPage;
    try {
      page = await this.#source.history(this.#first(), PAGE);
    } catch {
      return; // the session has ended or the server refused: what is there stays, and can be asked for again
    }
    if (life !== this.#life) return;
    // The front may have moved meanwhile, when old events were let go.
    const events = unbroken(page.events.filter(({ offset }) => offset < this.#first()));
    if (events.at(-1)?.offset === this.#first() - 1) this.#events = [...events, ...this.#events];
    if (!page.more) this.#oldest = this.#first();
  }

  /** The offset of the first event, or of the one that would be. */
  #first(): number {
    return this.#events[0]?.offset ?? this.#before + 1;
  }

  #last(): number {
    return this.#events.at(-1)?.offset ?? this.#before;
  }

  #hasMore(): boolean {
    return this.#first() > this.#oldest;
  }

  #letGo(): void {
    const limit = this.#isFollowing ? FOLLOWED : HELD;
    // A share at a time, because taking away the front costs as much as the whole is long.
    if (this.#events.length > limit * 1.1) this.#events = this.#events.slice(-limit);
  }

  #isAsShown(events: readonly SessionEvent[]): boolean {
    return (
      events.length === this.#events.length && events[0] === this.#events[0] && events.at(-1) === this.#events.at(-1)
    );
  }

  #changed(): void {
    this.#isStale = true;
    this.#batch.mark();
  }
}

/** The end of a list of events, as far back as each offset is one more than the one before. */
function unbroken(events: readonly SessionEvent[]): readonly SessionEvent[] {
  let from = events.length - 1;
  while (from > 0 && events[from - 1]?.offset === (events[from]?.offset ?? 0) - 1) from -= 1;
  return from <= 0 ? events : events.slice(from);
}
