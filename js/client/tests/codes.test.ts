import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { closeName, dutyOf } from "../src/codes.js";

it.each([
  [[1001, 1005, 1006, 1011, 1012, 1013, 4000, 4001, 4099], "resume"],
  [[4100, 4101, 4199], "wait"],
  [[4200, 4201, 4299], "sign_in"],
  [[1000, 1002, 1003, 1007, 1008, 1009, 1010, 1014, 1015, 3000, 3999, 4300, 4399, 4400, 4999, 0], "stop"],
] as const)("%j mean %s", (codes, duty) => {
  expect(codes.map(dutyOf)).toEqual(codes.map(() => duty));
});

it("every name and duty is that of the protocol's document", () => {
  const document = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");
  const rows = [...document.matchAll(/^\| (4\d{3}) \| `(\w+)` \| (\w+)/gm)];
  expect(rows.length).toBeGreaterThan(6);
  const words = { resume: "resume", come: "wait", get: "sign_in", stop: "stop" };
  for (const [, code, name, word] of rows) {
    expect(closeName(Number(code))).toBe(name);
    expect(dutyOf(Number(code))).toBe(words[word as keyof typeof words]);
  }
});

it("a code without a name is called by its number", () => {
  expect(closeName(4242)).toBe("4242");
});
