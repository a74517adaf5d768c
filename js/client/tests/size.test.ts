/** How much a page has to load. */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Rolldown } from "vite";
import { build } from "vite";
import { expect, it } from "vitest";

const GOAL = 12_000;

/** Bytes of one door of the package, minified and gzipped. */
async function size(entry: string): Promise<number> {
  const input = fileURLToPath(new URL(`../src/${entry}`, import.meta.url));
  const { output } = (await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, target: "es2022", rolldownOptions: { input, preserveEntrySignatures: "strict" } },
  })) as Rolldown.RolldownOutput;
  return gzipSync(output[0].code, { level: 9 }).length;
}

it("is small", async () => {
  const [machine, all] = [await size("client.ts"), await size("index.ts")];
  console.log(
    `minified and gzipped: the machine ${machine} bytes, the whole package ${all} bytes; the goal is ${GOAL}`,
  );
  expect(machine).toBeGreaterThan(1_000);
  expect(all).toBeLessThan(GOAL);
});
