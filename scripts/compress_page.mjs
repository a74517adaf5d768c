/**
 * Puts a compressed twin beside each file of a folder that gains by it: .br and .gz, as small as they can be made.
 * node compress_page.mjs FOLDER
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const GAIN = /\.(css|html|js|json|svg|txt|webmanifest)$/;

const [folder = "."] = process.argv.slice(2);
for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => GAIN.test(name))) {
  const path = join(folder, name);
  const body = readFileSync(path);
  const brotli = { [constants.BROTLI_PARAM_SIZE_HINT]: body.length, [constants.BROTLI_PARAM_LGWIN]: 22 };
  const twins = {
    ".br": brotliCompressSync(body, { params: { ...brotli, [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    ".gz": gzipSync(body, { level: 9 }),
  };
  for (const [suffix, twin] of Object.entries(twins)) {
    if (twin.length < body.length) writeFileSync(path + suffix, twin);
  }
}
