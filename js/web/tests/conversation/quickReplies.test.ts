import { expect, it } from "vitest";
import { quickReplies } from "../../src/conversation/quickReplies.js";

const QUOTES = [
  { id: "g", cost: 26.05, transit_days: 5 },
  { id: "p", cost: 36.9, transit_days: 3 },
  { id: "e", cost: 101.5, transit_days: 2 },
];
const BUY = { approval_id: "a1", kind: "buy", price: 26.05, is_sample: false, expires_at: 2_000 };
const quoted = { current_step: 1, quotes: QUOTES, quotes_expire_at: 2_000 };

it.each([
  [
    "nothing yet",
    { current_step: 0 },
    "",
    true,
    ["5 lb from 90210 to 10001", "12 oz, 60601 to 94103", "What can you do?"],
  ],
  [
    "details by hand, nothing said",
    { current_step: 1, quotes: QUOTES },
    "",
    true,
    ["Cheapest $26.05", "Fastest $101.50"],
  ],
  ["no state yet", undefined, "", false, []],
  ["a question", { ...quoted, approval: BUY }, "", false, ["Yes, buy it for $26.05", "No"]],
  ["a question about a sample", { approval: { ...BUY, is_sample: true } }, "", false, ["Yes, make the sample", "No"]],
  [
    "a question about a void",
    { label: { label_id: "l" }, approval: { ...BUY, kind: "void" } },
    "",
    false,
    ["Yes, void it", "No, keep it"],
  ],
  [
    "a question that ran out by this device's clock, which may be wrong",
    { approval: { ...BUY, expires_at: 1_000 } },
    "",
    false,
    ["Yes, buy it for $26.05", "No"],
  ],
  ["being bought", { ...quoted, purchase: { effect_id: "x" } }, "", false, []],
  ["quotes", quoted, "", false, ["Cheapest $26.05", "Fastest $101.50"]],
  ["one that is both", { quotes: [QUOTES[0], { id: "x", cost: 99, transit_days: 9 }] }, "", false, ["Cheapest $26.05"]],
  ["one quote", { quotes: [QUOTES[0]] }, "", false, ["Take it for $26.05"]],
  ["quotes that ran out", { ...quoted, quotes_expire_at: 1_000 }, "", false, ["Ask for prices again"]],
  [
    "details without quotes",
    { shipping_details: { from: "90210", to: "10001", weight_lbs: 5 } },
    "",
    false,
    ["Get prices"],
  ],
  ["half the details", { shipping_details: { from: "90210", weight_lbs: 5 } }, "", false, []],
  ["one is chosen", { ...quoted, chosen: "g" }, "", false, ["Make the label"]],
  ["a label", { ...quoted, label: { label_id: "l" } }, "", false, ["Where is it?", "Another parcel"]],
  ["what Bob names", {}, 'Kept: say "quotes" to send it, or say "start over".', false, ["Quotes", "Start over"]],
  [
    "what Bob gives as an example",
    quoted,
    'Say for example "the cheapest".',
    false,
    ["Cheapest $26.05", "Fastest $101.50"],
  ],
  [
    "what Bob names twice",
    { label: { label_id: "l" } },
    'Say "another parcel". Or say "another parcel".',
    false,
    ["Another parcel", "Where is it?"],
  ],
] as const)("%s", (_, state, bobs, isNew, labels) => {
  // prettier-ignore
  const replies = quickReplies(state as Parameters<typeof quickReplies>[0], bobs, isNew, 1_500);
  expect(replies.map(({ label }) => label)).toEqual(labels);
});

it("a yes answers the question that is open, and no other words are needed", () => {
  expect(quickReplies({ approval: BUY }, "", false, 0).map(({ does }) => does)).toEqual([
    { resolve: "a1", decision: "approved" },
    { resolve: "a1", decision: "declined" },
  ]);
});
