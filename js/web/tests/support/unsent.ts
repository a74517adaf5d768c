/** A browser that keeps what was said in tabs that cannot reach a server. */

import { openSession, unsent } from "@shipanion/client";
import "fake-indexeddb/auto";
import { expect } from "vitest";

const closes: (() => Promise<void>)[] = [];

/** A tab of `user` that lives on and has `count` messages which do not go out. */
export async function tabWith(user: string, count: number): Promise<void> {
  const before = await unsent(user);
  const { session, close } = openSession({ user, newKey: `key-${closes.length}`, url: "http://127.0.0.1:1" });
  closes.push(close);
  for (let said = 0; said < count; said += 1) session.say("five pounds").catch(() => undefined);
  await expect.poll(() => unsent(user)).toBe(before + count);
}

/** All tabs are gone, with everything that was kept. */
export async function emptyBrowser(): Promise<void> {
  for (const close of closes.splice(0)) await close();
  await new Promise((resolve) => (indexedDB.deleteDatabase("shipanion").onsuccess = resolve));
}
