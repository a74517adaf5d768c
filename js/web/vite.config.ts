import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const SERVER = process.env.SHIPANION_DEV_SERVER ?? "http://127.0.0.1:8000";
const EARLY = "src/app/early.js";

/**
 * Puts the script that must run before the first paint into the head, as a file of its own with a hashed name: Vite's
 * own scripts are modules, which run after it, and the policy allows none inside the HTML.
 */
function earlyScript(): Plugin {
  let isBuild = false;
  const tag = (src: string) => [{ tag: "script", attrs: { src }, injectTo: "head-prepend" as const }];
  return {
    name: "early-script",
    configResolved({ command }) {
      isBuild = command === "build";
    },
    buildStart() {
      if (isBuild) this.emitFile({ type: "asset", name: "early.js", source: readFileSync(at(EARLY), "utf8") });
    },
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        if (bundle === undefined) return tag(`/${EARLY}`);
        const files = Object.values(bundle);
        const file = files.find((found) => found.type === "asset" && found.names.includes("early.js"));
        if (file === undefined) throw new Error("The early script is not in the build.");
        return tag(`/${file.fileName}`);
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), earlyScript()],
  resolve: {
    alias: [
      { find: /^@shipanion\/client\/react$/, replacement: at("../client/src/react/index.ts") },
      { find: /^@shipanion\/client$/, replacement: at("../client/src/index.ts") },
    ],
    dedupe: ["react", "react-dom"],
  },
  build: {
    outDir: at("../../src/shipanion/app/built_page"),
    emptyOutDir: true,
    target: "es2022",
    // light-dark() is in every browser since spring 2024; older ones would be given a copy of every colour.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The policy allows no inline script and no data: font, so nothing is put into the HTML or the CSS.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // What a page has to load is held by tests/e2e/test_wheel.py, compressed, as it is sent.
    chunkSizeWarningLimit: 800,
  },
  // `npm run dev`: the page with hot reload, beside a server from `make run`.
  server: {
    proxy: {
      // The name that the page is asked by must stay: the cookie and the check of the origin go by it.
      "/api": { target: SERVER, changeOrigin: false },
      "/ws": { target: SERVER, changeOrigin: false, ws: true },
    },
  },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "happy-dom",
    testTimeout: 30_000,
  },
});
