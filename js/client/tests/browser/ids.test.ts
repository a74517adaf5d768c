import { emptyBrowser } from "../support/page.js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  emptyBrowser();
  vi.resetModules();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Another page of the same browser. */
const page = async () => await import("../../src/browser/ids.js");

it("ids are random, also where there is no randomUUID, as on pages that were not loaded securely", async () => {
  const { newId } = await page();
  vi.spyOn(crypto, "randomUUID").mockImplementation(() => {
    throw new TypeError("crypto.randomUUID is not a function");
  });
  const ids = Array.from({ length: 1_000 }, newId);
  expect(new Set(ids).size).toBe(1_000);
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
});

it("the device's name is the same on every page of a browser", async () => {
  const first = (await page()).deviceId();
  vi.resetModules();
  expect((await page()).deviceId()).toBe(first);
  emptyBrowser();
  vi.resetModules();
  expect((await page()).deviceId()).not.toBe(first);
});

it("lasts as long as the page where nothing can be kept", async () => {
  const denied = vi.spyOn(globalThis, "localStorage", "get").mockImplementation(() => {
    throw new DOMException("denied", "SecurityError");
  });
  const { deviceId } = await page();
  expect(deviceId()).toBe(deviceId());
  expect(denied).toHaveBeenCalled();
});
