import { expect, it } from "vitest";
import { Hole, Replica } from "../src/replica.js";

function replica(): Replica {
  const made = new Replica();
  made.replace({ epoch: "e", offset: 7 }, { title: "Shoes" });
  return made;
}

it("folds the next event in, and makes new objects of position and state", () => {
  const here = replica();
  const { position, state } = here;
  expect(here.take(8, { patch: { title: null, step: 1 } })).toEqual({ epoch: "e", offset: 8 });
  expect(here.state).toEqual({ step: 1 });
  expect([position, state]).toEqual([{ epoch: "e", offset: 7 }, { title: "Shoes" }]);
  here.take(9, { type: "without a patch" });
  expect([here.position?.offset, here.state]).toEqual([9, { step: 1 }]);
});

it("takes no event twice", () => {
  const here = replica();
  expect(here.take(7, { patch: { title: "Again" } })).toBeUndefined();
  expect([here.position?.offset, here.state]).toEqual([7, { title: "Shoes" }]);
});

it("refuses to go on across a hole, or from nothing", () => {
  const here = replica();
  expect(() => here.take(9, { patch: { title: "Later" } })).toThrow(Hole);
  expect([here.position?.offset, here.state]).toEqual([7, { title: "Shoes" }]);
  here.forget();
  expect(() => here.take(1, {})).toThrow(Hole);
});
