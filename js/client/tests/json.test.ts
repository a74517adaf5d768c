import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../src/json.js";
import { isObject, known, same, utf8Length, wellFormed } from "../src/json.js";

const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe("same", () => {
  it("is true of a copy with its keys in another order, and false of another value", () => {
    const one = { a: [1, { b: null }], c: "x" };
    expect(same(one, { c: "x", a: [1, { b: null }] })).toBe(true);
    expect(same(one, { c: "x", a: [1, { b: 0 }] })).toBe(false);
    expect(same(one, { a: [1, { b: null }] })).toBe(false);
    expect(same({ a: 1 }, { b: 1 })).toBe(false);
    expect(same([1], { 0: 1 })).toBe(false);
    expect(same([1], [1, 2])).toBe(false);
    expect(same(0, false)).toBe(false);
  });

  it("agrees with the text of the values", () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(same(one, JSON.parse(JSON.stringify(one)) as Json)).toBe(true);
        if (JSON.stringify(one) === JSON.stringify(other)) expect(same(one, other)).toBe(true);
        if (same(one, other)) expect(other).toEqual(one);
      }),
    );
  });
});

describe("utf8Length", () => {
  it("is the number of bytes an encoder makes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });
});

describe("wellFormed", () => {
  it("replaces halves of surrogate pairs wherever they are, and nothing else", () => {
    const cut = { text: "half \ud83d emoji", "\udc00": [["\udc00\ud800"], 1, null, true], whole: "\ud83d\ude00" };
    expect(wellFormed(cut)).toEqual({
      text: "half \ufffd emoji",
      "\ufffd": [["\ufffd\ufffd"], 1, null, true],
      whole: "\ud83d\ude00",
    });
  });

  it("gives what an encoder and a decoder make of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(wellFormed(text)).toBe(
          new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
        );
      }),
    );
  });
});

it("known leaves out what has no value, and nothing else", () => {
  expect(Object.keys(known({ a: undefined, b: null, c: 0, d: "" }))).toEqual(["b", "c", "d"]);
});

it("isObject takes objects only", () => {
  expect([{}, [], null, "x", 1].map(isObject)).toEqual([true, false, false, false, false]);
});
