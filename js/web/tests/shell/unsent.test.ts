import { expect, it } from "vitest";
import { guestLossWords, lossWords, saidIn } from "../../src/shell/unsent.js";

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
  [0, 2, "2 things you did are not sent yet and would be lost, in other conversations or tabs."],
  [1, 2, "3 things you did are not sent yet and would be lost, 2 of them in other conversations or tabs."],
])("%d here and %d elsewhere", (here, elsewhere, words) => {
  expect(lossWords(here, elsewhere)).toBe(words);
});

it.each([
  [0, true, undefined],
  [1, false, "One thing you did is not sent yet and would be lost. Stay a guest until it is sent."],
  [
    2,
    true,
    "2 things you did are not sent yet and would be lost. Make an account instead, or stay a guest until they are sent.",
  ],
])("%d things of a guest, who may make an account: %s", (count, mayMake, words) => {
  expect(guestLossWords(count, mayMake)).toBe(words);
});
