import { expect, it } from "vitest";
import { MemoryStorage } from "../src/memoryStorage.js";

const FRESH = { newKey: "k", device: "d" };

it("begins with what is fresh, and keeps to it", async () => {
  const storage = new MemoryStorage();
  expect(await storage.load(FRESH)).toEqual({ ...FRESH, outbox: [] });
  expect(await storage.load({ newKey: "other", device: "other" })).toEqual({ ...FRESH, outbox: [] });
  expect(await new MemoryStorage("s").load(FRESH)).toEqual({ ...FRESH, sessionId: "s", outbox: [] });
});

it("gives back what was added and not removed, in order, and the place", async () => {
  const storage = new MemoryStorage();
  const commands = ["a", "b", "c"].map((id) => ({ type: "user_message", id, text: "x" }));
  for (const command of commands) await storage.add(command);
  await storage.remove("b");
  const place = { sessionId: "s", position: { epoch: "e", offset: 1 }, state: { title: "Shoes" } };
  await storage.save(place);
  const { outbox, sessionId, place: kept } = await storage.load(FRESH);
  expect([outbox, sessionId, kept]).toEqual([[commands[0], commands[2]], "s", place]);
});
