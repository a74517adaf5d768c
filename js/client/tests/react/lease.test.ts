import { expect, it, vi } from "vitest";
import type { MadeSession } from "../../src/browser/openSession.js";
import { Lease } from "../../src/react/lease.js";

function made() {
  const open = { connect: vi.fn(), close: vi.fn(() => Promise.resolve()) };
  return { open, lease: new Lease(open as unknown as MadeSession) };
}

const moment = () => new Promise((done) => setTimeout(done, 5));

it("closes a moment after nobody needs it any more, and only then", async () => {
  const { open, lease } = made();
  const first = lease.need();
  const second = lease.need();
  first();
  await moment();
  expect([lease.isOver, open.close.mock.calls.length]).toEqual([false, 0]);
  second();
  expect(lease.isOver).toBe(false);
  await moment();
  expect([lease.isOver, open.close.mock.calls.length]).toEqual([true, 1]);
});

it("stays when it is needed again at once, as in StrictMode", async () => {
  const { open, lease } = made();
  lease.need()();
  const end = lease.need();
  await moment();
  expect([lease.isOver, open.close.mock.calls.length]).toEqual([false, 0]);
  expect(open.connect).toHaveBeenCalled();
  end();
});
