/** How much a page has to load. */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Rolldown } from "vite";
import { build } from "vite";
import { expect, it } from "vitest";

/** For the core: a session without the browser's ports. */
const GOAL = 12_000;

/** For each door with all that is behind it. */
const DOOR_GOAL = 20_000;

/** Bytes of one door of the package, minified and gzipped. */
async function size(entry: string, external: string[] = []): Promise<number> {
  const input = fileURLToPath(new URL(`../src/${entry}`, import.meta.url));
  const { output } = (await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, target: "es2022", rolldownOptions: { input, external, preserveEntrySignatures: "strict" } },
  })) as Rolldown.RolldownOutput;
  return gzipSync(output[0].code, { level: 9 }).length;
}

it("is small", async () => {
  const core = await size("session.ts");
  const doors = [await size("index.ts"), await size("react/index.ts", ["react"])];
  console.log(
    `minified and gzipped: the core ${core} bytes, the goal is ${GOAL}; ` +
      `all of "." ${doors[0]} bytes, all of "./react" ${doors[1]} bytes without React`,
  );
  expect(core).toBeGreaterThan(1_000);
  expect(core).toBeLessThan(GOAL);
  expect(Math.max(...doors)).toBeLessThan(DOOR_GOAL);
});
