/** The examples of the README compile, as they stand, against the package. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";

const HOME = fileURLToPath(new URL("..", import.meta.url));

const examples = [...readFileSync(`${HOME}README.md`, "utf8").matchAll(/```(tsx?)\n(.*?)```/gs)].map(
  ([, kind = "", code = ""], at) => ({ at: at + 1, name: `${HOME}src/readme${at}.${kind}`, code }),
);

it("are there", () => {
  expect(examples.length).toBeGreaterThan(2);
});

it.each(examples)("example $at compiles", ({ name, code }) => {
  const { config } = ts.readConfigFile(`${HOME}tsconfig.browser.json`, (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, HOME);
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(name, `${code}\nexport {};`, ts.ScriptTarget.ES2022) : read(file, ...rest);
  const doors = { "@shipanion/client": ["./src/index.ts"], "@shipanion/client/react": ["./src/react/index.ts"] };
  const program = ts.createProgram(
    [name],
    { ...options, noEmit: true, noUnusedLocals: false, jsx: ts.JsxEmit.ReactJSX, paths: doors, pathsBasePath: HOME },
    host,
  );
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  expect(problems).toEqual([]);
});
