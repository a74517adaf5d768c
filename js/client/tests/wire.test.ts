import { readFileSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { wireTypes } from "../scripts/wireTypes.mjs";
import type { JsonObject } from "../src/json.js";
import type { ClientFrame, SessionEvent } from "../src/wire.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

it("src/wire.ts is fresh: if not, run `npm run wire`", async () => {
  const schema = JSON.parse(read("../../../schema/wire.schema.json")) as JsonObject;
  expect(await format(wireTypes(schema), { parser: "typescript", printWidth: 120 })).toBe(read("../src/wire.ts"));
});

it("events are told apart by their type", () => {
  // A compile-time test: `text` is there only where the type says so.
  const words = (event: SessionEvent) => (event.type === "agent_message" ? event.text : event.offset);
  const ping: ClientFrame = { type: "ping" };
  const anyObject: JsonObject = ping;
  expect([
    words({ type: "state_changed", session_id: "s", offset: 1, at: 1, by: { role: "owner", name: "Ann" } }),
  ]).toEqual([1]);
  expect(anyObject).toBe(ping);
});

describe("the generator", () => {
  it("writes types, comments, and what may be left out", () => {
    const made = wireTypes({
      $defs: {
        A: {
          description: "An ``a``.",
          type: "object",
          properties: { b: { type: "array", items: { anyOf: [{ $ref: "#/$defs/B" }, { type: "boolean" }] } }, c: {} },
          required: ["b"],
        },
        B: { enum: ["x", "y"], default: "x" },
      },
    });
    expect(made).toContain("/** An `a`. */\nexport type A = {\nb: (B | boolean)[];\nc?: Json;\n};");
    expect(made).toContain('export type B = "x" | "y";');
  });

  it.each([[{ type: "object", patternProperties: {} }], [{ type: "null" }]])(
    "refuses %j, which it does not know",
    (a) => {
      expect(() => wireTypes({ $defs: { A: a } })).toThrow("does not know");
    },
  );
});
