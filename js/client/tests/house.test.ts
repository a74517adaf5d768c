/** The rules of the house that a machine can keep. Style is eslint's and prettier's, types are tsc's. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const HOME = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = readdirSync(`${HOME}src`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const GENERATED = "wire.ts";

const text = (name: string) => readFileSync(`${HOME}${name}`, "utf8");
const isTypesOnly = (name: string) =>
  !/^export (?:async )?(?:function|class|const|let|\{|\*)/m.test(text(`src/${name}`));

it("every source file that does something has its test file", () => {
  const tests = new Set(readdirSync(`${HOME}tests`, { recursive: true, encoding: "utf8" }));
  expect(SOURCES.filter((name) => !isTypesOnly(name) && !tests.has(name.replace(/\.ts$/, ".test.ts")))).toEqual([]);
});

it("files stay short", () => {
  expect(SOURCES.filter((name) => name !== GENERATED && text(`src/${name}`).split("\n").length > 450)).toEqual([]);
});

it("nothing is needed to run, and the lock names no registry", () => {
  const { dependencies } = JSON.parse(text("package.json")) as { dependencies?: object };
  expect(dependencies).toBeUndefined();
  expect(text("../package-lock.json")).not.toMatch(/"resolved": "[^"]*[:/]/);
});

/** Whether `line`, put into src/probe.ts, compiles with the core's own settings. */
function compiles(line: string): boolean {
  const { config } = ts.readConfigFile(`${HOME}tsconfig.json`, (path) => ts.sys.readFile(path)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, HOME);
  const probe = `${HOME}src/probe.ts`;
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === probe ? ts.createSourceFile(name, `${line}\nexport {};`, ts.ScriptTarget.ES2022) : read(name, ...rest);
  return ts.getPreEmitDiagnostics(ts.createProgram([probe], { ...options, noEmit: true }, host)).length === 0;
}

describe("the core knows no platform", () => {
  it.each([
    "window.name;",
    "setTimeout(() => 0, 1);",
    'new WebSocket("");',
    'void fetch("");',
    "process.exit();",
    "console.log(1);",
    'import { TIMERS } from "./browser/timers.js"; void TIMERS;',
  ])("%s does not compile", (line) => {
    expect(compiles(line)).toBe(false);
  });

  it("what it may say does", () => {
    expect(compiles("Object.hasOwn({}, 'a'); void Promise.resolve(1);")).toBe(true);
  });

  it("no clock, no dice, no foreign package gets past the linter", async () => {
    const lines = [
      "Date.now();",
      "new Date();",
      "Math.random();",
      'import "vitest";',
      'import "../scripts/wireTypes.mjs";',
    ];
    const linter = new ESLint({ cwd: HOME, overrideConfigFile: `${HOME}eslint.config.js` });
    // In place of a file that is there, since types are looked up in the project.
    const [result] = await linter.lintText(lines.join("\n"), { filePath: "src/position.ts" });
    const caught = result?.messages
      .filter(({ ruleId }) => ruleId?.startsWith("no-restricted-"))
      .map(({ line }) => line);
    expect(caught?.sort()).toEqual([1, 2, 3, 4, 5]);
  });
});
