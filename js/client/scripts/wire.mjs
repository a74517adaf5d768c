/** Writes src/wire.ts anew; tests/wire.test.ts fails when it is not up to date. */

import { readFile, writeFile } from "node:fs/promises";
import { format } from "prettier";
import { wireTypes } from "./wireTypes.mjs";

const SCHEMA = new URL("../../../schema/wire.schema.json", import.meta.url);
const TYPES = new URL("../src/wire.ts", import.meta.url);

const schema = /** @type {import("./wireTypes.mjs").Schema} */ (JSON.parse(await readFile(SCHEMA, "utf8")));
await writeFile(TYPES, await format(wireTypes(schema), { parser: "typescript", printWidth: 120 }));
