/**
 * Installs what package-lock.json names, unless that is what is installed. A copy of the lock, put beside the packages
 * when all of them are there, says so; an install that was interrupted left none.
 */

import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const HOME = fileURLToPath(new URL("..", import.meta.url));
const LOCK = `${HOME}package-lock.json`;
const INSTALLED = `${HOME}node_modules/.installed-lock.json`;

if (read(INSTALLED) !== read(LOCK)) {
  const { status } = spawnSync("npm", ["ci"], { cwd: HOME, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
  copyFileSync(LOCK, INSTALLED);
}

/**
 * @param {string} path
 * @returns {string | undefined}
 */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
