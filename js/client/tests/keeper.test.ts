import { expect, it } from "vitest";
import { Keeper } from "../src/keeper.js";
import type { Place } from "../src/ports.js";
import { MemoryStorage } from "../src/memoryStorage.js";

const place = (offset: number): Place => ({ sessionId: "s", position: { epoch: "e", offset }, state: {} });

/** Storage that finishes a save when it is told to. */
class SlowStorage extends MemoryStorage {
  readonly saved: number[] = [];
  readonly ends: (() => void)[] = [];

  override async save(kept: Place): Promise<void> {
    this.saved.push(kept.position.offset);
    await new Promise<void>((end) => this.ends.push(end));
  }
}

it("saves one place at a time, and skips those that are old by then", async () => {
  const storage = new SlowStorage();
  const keeper = new Keeper(storage, () => undefined);
  [1, 2, 3].forEach((offset) => {
    keeper.keep(place(offset));
  });
  expect(storage.saved).toEqual([1]);
  storage.ends[0]?.();
  await expect.poll(() => storage.saved).toEqual([1, 3]);
  let isAtRest = false;
  const resting = keeper.rest().then(() => (isAtRest = true));
  await Promise.resolve();
  expect(isAtRest).toBe(false);
  storage.ends[1]?.();
  await resting;
  keeper.keep(place(4));
  expect(storage.saved).toEqual([1, 3, 4]);
});

it("warns when something cannot be written, and goes on", async () => {
  const storage = new MemoryStorage();
  storage.save = storage.remove = () => Promise.reject(new Error("full"));
  const warnings: string[] = [];
  const keeper = new Keeper(storage, (what, error) => warnings.push(`${what}: ${String(error)}`));
  keeper.settle("m");
  keeper.keep(place(1));
  await keeper.rest();
  keeper.keep(place(2));
  await keeper.rest();
  expect(warnings).toEqual([
    expect.stringContaining("stays in the storage: Error: full"),
    expect.stringContaining("replayed: Error: full"),
    expect.stringContaining("replayed: Error: full"),
  ]);
});
