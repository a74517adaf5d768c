/** Writes src/wire.ts anew; tests/wire.test.ts fails when it is not up to date. */

import { readFile, writeFile } from "node:fs/promises";
import { format } from "prettier";
import { wireTypes } from "./wireTypes.mjs";

const SCHEMA = new URL("../../../schema/wire.schema.json", import.meta.url);
const TYPES = new URL("../src/wire.ts", import.meta.url);

/** @type {unknown} */
const schema = JSON.parse(await readFile(SCHEMA, "utf8"));
const types = wireTypes(/** @type {import("./wireTypes.mjs").Schema} */ (schema));
await writeFile(TYPES, await format(types, { parser: "typescript", printWidth: 120 }));
