// @vitest-environment node
/** The rules of the house that a machine can keep. Style is eslint's and prettier's, types are tsc's. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const HOME = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = readdirSync(`${HOME}src`, { recursive: true, encoding: "utf8" }).map((name) =>
  name.replaceAll("\\", "/"),
);

const text = (name: string) => readFileSync(`${HOME}src/${name}`, "utf8");
const isTypesOnly = (name: string) => !/^export (?:async )?(?:function|class|const|let|\{|\*)/m.test(text(name));
const modules = SOURCES.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
const code = SOURCES.filter((name) => /\.tsx?$/.test(name));

it("what decides something without drawing it has its test file", () => {
  const tests = new Set(
    readdirSync(`${HOME}tests`, { recursive: true, encoding: "utf8" }).map((name) =>
      name.replaceAll("\\", "/").replace(/\.test\.tsx?$/, ""),
    ),
  );
  expect(modules.filter((name) => !isTypesOnly(name) && !tests.has(name.replace(/\.ts$/, "")))).toEqual([]);
});

it("files stay short", () => {
  expect(code.filter((name) => text(name).split("\n").length > 400)).toEqual([]);
});

it("colours live in the tokens only", () => {
  const sheets = SOURCES.filter((name) => name.endsWith(".css") && name !== "ui/tokens.css");
  const coloured = sheets.filter((name) => /#[0-9a-f]{3,8}\b|\b(?:hsl|oklch)\(/i.test(text(name)));
  expect(coloured).toEqual([]);
});

it("nothing is put into the page as HTML", () => {
  expect(code.filter((name) => /dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML/.test(text(name)))).toEqual([]);
});

it("panes do not reach into each other", () => {
  const panes = ["conversation", "shipment", "sessions"];
  const reached = code.flatMap((name) => {
    const own = name.split("/")[0] ?? "";
    if (!panes.includes(own)) return [];
    return panes.filter((pane) => pane !== own && new RegExp(`from "\\.\\./(?:\\.\\./)*${pane}/`).test(text(name)));
  });
  expect(reached).toEqual([]);
});
