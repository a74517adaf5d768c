import type { SessionEvent } from "@shipanion/client";
import { expect, it } from "vitest";
import type { Item } from "../../src/conversation/item.js";
import { sameItem } from "../../src/conversation/item.js";
import { itemsOf } from "../../src/conversation/items.js";
import recorded from "./recorded.jsonl?raw";

const LOG = recorded.trim().split("\n").map((line) => JSON.parse(line) as SessionEvent); // prettier-ignore

it("an item is drawn again only when it shows something else", () => {
  const [first, again] = [itemsOf(LOG.slice(0, 40), "d-a"), itemsOf(LOG, "d-a")];
  const changed = first.filter((item, at) => !sameItem(item, again[at] ?? item));
  expect(changed).toEqual([]);
});

it.each<readonly [Item, Item]>([
  [
    { kind: "note", key: "a", text: "one" },
    { kind: "note", key: "a", text: "other" },
  ],
  [
    { kind: "note", key: "a", text: "one" },
    { kind: "note", key: "a", text: "one", offset: 3 },
  ],
  [
    { kind: "away", key: "a", since: 1, lines: ["one"] },
    { kind: "away", key: "a", since: 1, lines: ["one", "two"] },
  ],
  [
    { kind: "edit", key: "a", by: { who: "here" }, changes: [] },
    { kind: "edit", key: "a", by: { who: "elsewhere" }, changes: [] },
  ],
])("%j is not %j", (one, other) => {
  // prettier-ignore
  expect(sameItem(one, { ...one })).toBe(true);
  expect(sameItem(one, other)).toBe(false);
});
