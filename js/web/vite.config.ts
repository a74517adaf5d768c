import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const SERVER = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
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
    // The policy allows no inline script and no data: font, so nothing is put into the HTML or the CSS.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  // `npm run dev`: the page with hot reload, beside a server from `make run`.
  server: {
    proxy: {
      "/api": SERVER,
      "/token": SERVER,
      "/guest": SERVER,
      "/ws": { target: SERVER, ws: true },
    },
  },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "happy-dom",
    testTimeout: 30_000,
  },
});
