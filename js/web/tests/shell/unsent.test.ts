import { expect, it } from "vitest";
import { lossWords, saidIn } from "../../src/shell/unsent.js";

it("what was said is found among what was done", () => {
  expect(
    saidIn([
      { id: "1", command: { type: "user_message", id: "1", text: "five pounds" } },
      { id: "2", command: { type: "update_state", id: "2", patch: { title: "Boots" } } },
    ]),
  ).toEqual([{ id: "1", text: "five pounds" }]);
});

it.each([
  [0, 0, undefined],
  [1, 0, "One thing you did is not sent yet and would be lost."],
  [0, 2, "2 things you did are not sent yet and would be lost, in other conversations."],
  [1, 2, "3 things you did are not sent yet and would be lost, 2 of them in other conversations."],
])("%d here and %d elsewhere", (here, elsewhere, words) => {
  expect(lossWords(here, elsewhere)).toBe(words);
});
