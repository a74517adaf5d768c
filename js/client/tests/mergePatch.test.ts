import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../src/json.js";
import { isObject } from "../src/json.js";
import { mergePatch } from "../src/mergePatch.js";

// RFC 7396, appendix A: original, patch, result.
const EXAMPLES: [Json, Json, Json][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
// Few keys, so that target and patch meet.
const tree = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    fc.constantFrom<Json>(null, 1, "x", [1, { a: null }]),
    fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value"), { maxKeys: 3 }) as fc.Arbitrary<Json>,
  ),
})).value;

describe("mergePatch", () => {
  it.each(EXAMPLES)("RFC 7396: %j under %j is %j", (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it("changes neither argument", () => {
    fc.assert(
      fc.property(tree, tree, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        mergePatch(target, patch);
        expect(JSON.stringify([target, patch])).toBe(before);
      }),
    );
  });

  it("done twice is done once", () => {
    fc.assert(
      fc.property(fc.oneof(json, tree), fc.oneof(json, tree), (target, patch) => {
        const once = mergePatch(target, patch);
        expect(JSON.stringify(mergePatch(once, patch))).toBe(JSON.stringify(once));
      }),
    );
  });

  it("an empty object changes no object, and null is never a member that a patch made", () => {
    fc.assert(
      fc.property(tree, (value) => {
        if (isObject(value)) expect(JSON.stringify(mergePatch(value, {}))).toBe(JSON.stringify(value));
        const made = mergePatch(undefined, value);
        if (isObject(made)) expect(Object.values(made)).not.toContain(null);
      }),
    );
  });

  it("knows no special keys", () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"x": 1}}') as Json;
    const result = mergePatch({ a: 1 }, patch);
    expect(JSON.stringify(result)).toBe('{"a":1,"__proto__":{"polluted":true},"constructor":{"x":1}}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
