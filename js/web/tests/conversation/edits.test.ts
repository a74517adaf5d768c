import { expect, it } from "vitest";
import { changesOf } from "../../src/conversation/edits.js";

const BEFORE = { from: "90210", from_place: "Beverly Hills, CA", to: "10001", to_place: "New York, NY", weight_lbs: 5 };

it.each([
  [{ shipping_details: { ...BEFORE, weight_lbs: 6 } }, ["the weight to 6 lb"]],
  [{ shipping_details: { to: "02134", to_place: "Boston, MA" } }, ["where it goes to Boston, MA (02134)"]],
  [{ shipping_details: { to: "02134", to_place: null } }, ["where it goes to 02134"]],
  [{ shipping_details: { from: null, from_place: null } }, ["where it leaves from: not known now"]],
  [{ shipping_details: { dimensions: "12x10x8" } }, ["the size to 12 × 10 × 8 in"]],
  [{ shipping_details: { dimensions: { length: 12, width: 10, height: 8 } } }, ["the size to 12 × 10 × 8 in"]],
  [{ shipping_details: { weight_lbs: null } }, ["the weight: it has none now"]],
  [{ shipping_details: { sender: { name: "Ana Diaz" } } }, ["the sender to Ana Diaz"]],
  [{ shipping_details: { recipient: null } }, ["the recipient: taken out"]],
  [{ title: "Books" }, ["the title to “Books”"]],
  [{ title: null }, ["the title: it has none now"]],
  [{ title: "A → B", shipping_details: { weight_lbs: 1 } }, ["the weight to 1 lb"]],
  [{ shipping_details: { ...BEFORE } }, []],
  [{ quotes: null }, []],
  [undefined, []],
])("%j", (patch, changes) => {
  expect(changesOf(patch, BEFORE)).toEqual(changes);
});
