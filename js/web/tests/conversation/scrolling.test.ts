import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Row } from "../../src/conversation/scrolling.js";
import { anchorOf, correction, drawnFrom, FOLLOWED, isAtEnd, rowAt, unread } from "../../src/conversation/scrolling.js";

/** Rows of the given heights, seen from `scrollTop`. */
function rows(heights: readonly (readonly [string, number])[], scrollTop: number): Row[] {
  let top = 0 - scrollTop;
  return heights.map(([key, height], at) => {
    const row = { key, offset: at + 1, top, bottom: top + height };
    top += height;
    return row;
  });
}

it("knows the end with a little give", () => {
  const box = (scrollTop: number) => ({ scrollTop, scrollHeight: 1000, clientHeight: 400 });
  expect([600, 553, 551, 0].map((top) => isAtEnd(box(top)))).toEqual([true, true, false, false]);
});

describe("what is read stays where it is", () => {
  const heights = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });

  it("whatever comes above it, and however it changes", () => {
    fc.assert(
      fc.property(heights, heights, fc.nat(2_000), (before, above, scrolled) => {
        const list = before.map((height, at) => [`i${String(at)}`, height] as const);
        const total = before.reduce((sum, height) => sum + height, 0);
        const scrollTop = Math.min(scrolled, total - 1);
        const anchor = anchorOf(rows(list, scrollTop));
        const grown = [...above.map((height, at) => [`a${String(at)}`, height] as const), ...list];
        const moved = correction(anchor, rows(grown, scrollTop));
        expect(anchorOf(rows(grown, scrollTop + moved))).toMatchObject({ key: anchor?.key, top: anchor?.top });
      }),
    );
  });

  it("is not scrolled for something that is gone", () => {
    const anchor = anchorOf(rows([["a", 10]], 0));
    expect(correction(anchor, rows([["b", 10]], 0))).toBe(0);
    expect(correction(undefined, [])).toBe(0);
  });
});

describe("what is drawn", () => {
  const keys = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `k${String(at + from)}`);

  it("is the newest, while they are followed", () => {
    expect(drawnFrom(keys(10_000), "k0", true)).toBe(10_000 - FOLLOWED);
    expect(drawnFrom(keys(20), undefined, true)).toBe(0);
  });

  it("keeps what is being read when new ones come, and grows upward", () => {
    expect(drawnFrom(keys(10_100), "k9850", false)).toBe(9_850);
    expect(drawnFrom(keys(10_100), "k9850", false, 100)).toBe(9_750);
    expect(drawnFrom(keys(10_100), "k20", false, 100)).toBe(0);
  });

  it("keeps its first when older ones come before it", () => {
    expect(drawnFrom([...keys(50, 10_000), ...keys(200)], "k0", false)).toBe(50);
    expect(drawnFrom([...keys(50, 10_000), ...keys(200)], "k0", false, 100)).toBe(0);
  });

  it("begins with the newest where its first is gone", () => {
    expect(drawnFrom(keys(400, 1_000), "k0", false)).toBe(400 - FOLLOWED);
  });
});

it("goes back to the item of an offset, or to the one before it", () => {
  const items = [{ key: "a", offset: 3 }, { key: "day" }, { key: "b", offset: 7 }];
  expect([1, 3, 5, 7, 9].map((offset) => rowAt(items, offset))).toEqual([undefined, items[0], items[0], items[2], items[2]]); // prettier-ignore
});

it("counts what came since", () => {
  const items = [
    { kind: "said", offset: 3 },
    { kind: "day" },
    { kind: "answer", offset: 7 },
    { kind: "edit", offset: 8 },
  ];
  expect([2, 3, 7].map((offset) => unread(items, offset))).toEqual([2, 1, 0]);
});
