/** A real `shipanion serve` on a folder of data: started, killed, and started again on the same port. */

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../../.venv/bin/shipanion", import.meta.url));
const ANNOUNCED = /running at (http:\/\/\S+)/;

/** Why the server cannot be started here, undefined when it can. */
export const NOT_RUN = existsSync(PROGRAM) ? undefined : "NOT RUN: there is no .venv with Shipanion in it — make test";

// The reporter counts what was skipped, and says no word about why.
if (NOT_RUN !== undefined) console.warn(NOT_RUN);

export class ServerProcess {
  readonly folder = mkdtempSync(join(tmpdir(), "shipanion-js-"));
  url = "";
  #process: ChildProcess | undefined;

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("SHIPANION_"));
    const server = spawn(PROGRAM, ["serve", "--host", "127.0.0.1", "--port", port, "--data", this.folder], {
      env: { ...Object.fromEntries(own), PYTHONUNBUFFERED: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = server;
    let said = "";
    this.url = await new Promise<string>((resolve, reject) => {
      for (const stream of [server.stdout, server.stderr]) {
        stream.on("data", (data: Buffer) => {
          said += data.toString();
          const found = ANNOUNCED.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
      }
      server.once("error", reject);
      server.once("exit", (code) => {
        reject(new Error(`The server ended with ${String(code)} and said:\n${said}`));
      });
    });
  }

  /** End it in the middle of whatever it does, as the kernel would. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A fresh guest's token. */
  async guest(): Promise<string> {
    return await this.#token({});
  }

  /** Another token of the same guest; tokens of one second are the same. */
  async renewed(token: string): Promise<string> {
    for (;;) {
      const renewed = await this.#token({ Authorization: `Bearer ${token}` });
      if (renewed !== token) return renewed;
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  async #token(headers: Record<string, string>): Promise<string> {
    const answer = await fetch(`${this.url}/guest`, { method: "POST", headers });
    const { access_token } = (await answer.json()) as { access_token: string };
    return access_token;
  }
}
