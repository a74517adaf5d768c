import { expect, it } from "vitest";
import { Driver } from "../src/driver.js";
import type { LineEvents } from "../src/ports.js";
import { event, Surroundings, WELCOME } from "./support/surroundings.js";

it("obeys the outputs of one input before it takes the next, even from a line that answers at once", () => {
  const around = new Surroundings();
  const told: string[] = [];
  const open = around.transport.open.bind(around.transport);
  around.transport.open = (query, heard) => {
    const line = open(query, heard);
    heard.opened();
    heard.received(JSON.stringify(WELCOME));
    return line;
  };
  const driver = new Driver(around, ({ out }) => told.push(out), () => told.push("rested")); // prettier-ignore
  driver.start({ session_id: "s-1", hello: true }, { token: "t" });
  expect(told.join(" ")).toBe("banner rested rested attached snapshot save banner rested");
  expect(around.line.sent).toMatchObject([{ type: "hello", token: "t" }]);
  expect(driver.status).toBe("live");
});

it("leaves out what means nothing now, but lets a line that breaks the rules be seen", () => {
  const around = new Surroundings();
  const driver = new Driver(around, () => undefined, () => undefined); // prettier-ignore
  driver.tell({ type: "seen" });
  driver.tryNow();
  driver.networkChanged(true);
  expect([driver.status, driver.takes("submit"), around.lines]).toEqual(["idle", false, []]);
  driver.start({}, {});
  around.line.heard.opened();
  expect(() => {
    around.line.heard.opened();
  }).toThrow("cannot take opened");
});

it("what a line says after it was given up is nothing", () => {
  const around = new Surroundings();
  const told: string[] = [];
  const driver = new Driver(around, ({ out }) => told.push(out), () => undefined); // prettier-ignore
  driver.start({}, {});
  around.line.welcomes();
  around.line.says(event(9, "x"));
  expect([driver.status, around.line.hungUp]).toEqual(["waiting", { code: 4000, reason: "gap" }]);
  const before = told.length;
  around.line.says(event(8, "x"));
  around.line.heard.closed(1006);
  expect(told.length).toBe(before);
});

it("has one timer, which is asked of the surroundings in whole milliseconds, and ends with it", () => {
  const around = new Surroundings();
  const asked: number[] = [];
  const set = around.timers.set.bind(around.timers);
  around.timers.set = (callback, ms) => {
    asked.push(ms);
    return set(callback, ms);
  };
  const now = around.now;
  around.now = () => now() + 0.7;
  const driver = new Driver(around, () => undefined, () => undefined); // prettier-ignore
  driver.start({}, {});
  expect(asked).toEqual([10_000]);
  around.passTime();
  expect(driver.status).toBe("waiting");
  around.passTime();
  expect(around.lines.length).toBe(2);
  driver.stop();
  expect([around.isArmed, around.line.hungUp]).toEqual([false, { code: 1000, reason: "done" }]);
});

it("waits no longer than a timer can", () => {
  const around = new Surroundings();
  const driver = new Driver(around, () => undefined, () => undefined); // prettier-ignore
  driver.start({}, {});
  const heard: LineEvents = around.line.heard;
  heard.closed(4100, 2 ** 40);
  around.passTime();
  const begun = around.now();
  around.passTime();
  expect([driver.status, around.now() - begun, around.isArmed]).toEqual(["waiting", 2 ** 31 - 1, true]);
});
