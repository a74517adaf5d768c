import { expect, it } from "vitest";
import type { JsonObject } from "../src/json.js";
import { Results } from "../src/results.js";
import type { HistoryPage, SessionEvent } from "../src/wire.js";
import { event } from "./support/surroundings.js";

const result = (offset: number, id: string) =>
  event(offset, "client_tool_result", { tool_call_id: id, tool_name: "t", result: "r", is_error: false });
const page = (more: boolean, ...events: JsonObject[]): HistoryPage => ({
  type: "history_page",
  events: events as SessionEvent[],
  more,
});

it("a result is taken from the events", async () => {
  const results = new Results(() => Promise.reject(new Error("nobody asks")));
  const answer = results.answer("c");
  results.look(event(3, "client_tool_call") as SessionEvent);
  results.look(result(4, "c") as SessionEvent);
  expect((await answer).offset).toBe(4);
});

it("of a call that had been accepted before is looked for at once, back to where it was accepted", async () => {
  const asked: (number | undefined)[] = [];
  const pages = [page(true, event(30, "x"), event(31, "x")), page(true, event(20, "x")), page(true, event(9, "x"))];
  const results = new Results((before) => {
    asked.push(before);
    return Promise.resolve(pages[asked.length - 1] ?? page(false));
  });
  const answer = results.answer("c");
  results.accepted({ out: "settled", id: "c", offset: 10, duplicate: true });
  results.accepted({ out: "settled", id: "another", offset: 10, duplicate: true });
  await expect.poll(() => asked).toEqual([undefined, 30, 20]);
  results.look(result(40, "c") as SessionEvent);
  expect((await answer).offset).toBe(40);
});

it("is not looked for when nobody waits any more, and a history that cannot be had is no end", async () => {
  let asked = 0;
  const results = new Results(() => {
    asked += 1;
    return Promise.reject(new Error("no line"));
  });
  const answer = results.answer("c");
  results.accepted({ out: "settled", id: "c", offset: 10 });
  results.lookBack();
  await expect.poll(() => asked).toBe(1);
  results.rejectAll(new Error("over"));
  await expect(answer).rejects.toThrow("over");
  results.lookBack();
  expect(asked).toBe(1);
});
