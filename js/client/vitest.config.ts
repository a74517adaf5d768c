import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // Node 20 has the browser's WebSocket behind a flag, later ones without.
    execArgv: typeof WebSocket === "undefined" ? ["--experimental-websocket"] : [],
    pool: "forks",
    testTimeout: 30_000,
    // A real server does not act inside React's `act`, so React warns of everything that it says.
    onConsoleLog: (log) => !log.includes("not wrapped in act("),
  },
});
