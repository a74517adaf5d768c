import { expect, it } from "vitest";
import { browserMemory, DeviceMemory } from "../../src/app/deviceMemory.js";

it("remembers what JSON can say, and forgets it", () => {
  const memory = browserMemory();
  memory.remember("place", { sessionId: "session-1" });
  memory.remember("name", "Ann");
  expect(browserMemory().recall("place")).toEqual({ sessionId: "session-1" });
  expect([memory.recallText("name"), memory.recallText("place")]).toEqual(["Ann", undefined]);
  memory.remember("place", undefined);
  expect(memory.recall("place")).toBeUndefined();
});

it("takes what cannot be read for nothing", () => {
  localStorage.setItem("shipanion/broken", "{");
  expect(browserMemory().recall("broken")).toBeUndefined();
});

it.each<[string, DeviceMemory]>([
  ["nowhere", new DeviceMemory(undefined)],
  [
    "in a store that is full and shut",
    new DeviceMemory({
      getItem: () => {
        throw new Error("SecurityError");
      },
      setItem: () => {
        throw new Error("QuotaExceededError");
      },
      removeItem: () => {
        throw new Error("SecurityError");
      },
    }),
  ],
])("keeps nothing %s, without a complaint", (_, memory) => {
  memory.remember("name", "Ann");
  memory.remember("name", undefined);
  expect(memory.recall("name")).toBeUndefined();
});
