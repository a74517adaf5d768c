import { expect, it } from "vitest";
import { LiveTurn } from "../src/liveTurn.js";

const piece = (index: number, text: string, turn_id = "t") => ({ type: "agent_delta" as const, turn_id, index, text });

it("joins pieces in order and drops repeated ones", () => {
  const turn = new LiveTurn();
  expect([0, 1, 1, 0, 2].map((index) => turn.append(piece(index, String(index))))).toEqual([
    true, true, false, false, true,
  ]); // prettier-ignore
  expect(turn.text).toBe("012");
});

it("adds nothing after a missing piece, until it is replaced or another turn begins", () => {
  const turn = new LiveTurn();
  turn.append(piece(0, "a"));
  expect([turn.append(piece(2, "c")), turn.append(piece(1, "b")), turn.text]).toEqual([false, false, "a"]);
  turn.replace({ turn_id: "t", text: "abc", next_index: 3 });
  expect([turn.append(piece(3, "d")), turn.text]).toEqual([true, "abcd"]);
  expect([turn.append(piece(0, "x", "u")), turn.text]).toEqual([true, "x"]);
});

it("a turn first heard of in its middle has no text", () => {
  const turn = new LiveTurn();
  expect([turn.append(piece(4, "late")), turn.turnId, turn.text]).toEqual([false, "t", ""]);
});

it("ends with its own end only", () => {
  const turn = new LiveTurn();
  turn.append(piece(0, "a"));
  turn.ended("u");
  expect(turn.turnId).toBe("t");
  turn.ended("t");
  expect([turn.turnId, turn.text]).toEqual([undefined, ""]);
});
