import { describe, expect, it } from "vitest";
import { newsOf, QUOTES_GONE, quotesWent } from "../../src/shipment/news.js";
import { readParcel } from "../../src/shipment/parcel.js";
import { APPROVAL, CHOSEN, DETAILED, EMPTY, LABEL, LABELLED, QUOTED } from "./states.js";

describe("what a person should hear of", () => {
  const buying = { ...CHOSEN, purchase: { status: "claimed" } };
  const voided = { ...EMPTY, labels: [{ ...LABEL, status: "voided" }] };
  it.each([
    ["quotes", DETAILED, QUOTED, "2 quotes. The cheapest is USPS Ground Advantage for $26.05."],
    ["quotes that went", QUOTED, { ...DETAILED, shipping_details: {} }, QUOTES_GONE],
    ["a label", CHOSEN, LABELLED, "The sample label is made: USPS Ground Advantage, tracking number SAMPLE-AAAA-BBBB."],
    ["a refusal", buying, { ...CHOSEN, refusal: { say: "Not bought." } }, "Not bought."],
    ["a question", CHOSEN, { ...CHOSEN, approval: APPROVAL }, "Shall I buy the label?"],
    [
      "doubt",
      buying,
      { ...buying, purchase: { status: "unknown" } },
      "The carrier is being asked whether the label was bought.",
    ],
    ["a void label", LABELLED, voided, "The label SAMPLE-AAAA-BBBB is void."],
    ["a choice", QUOTED, CHOSEN, undefined],
    ["nothing", CHOSEN, CHOSEN, undefined],
    ["another parcel", QUOTED, { ...EMPTY, shipment_id: "shipment-1-2" }, undefined],
  ])("%s", (_, before, after, words) => {
    expect(newsOf(readParcel(before), readParcel(after))).toBe(words);
  });
});

it("quotes of a parcel that got its label or was voided did not go because of an edit", () => {
  expect(quotesWent(readParcel(LABELLED), readParcel(DETAILED))).toBe(false);
  expect(quotesWent(readParcel(QUOTED), readParcel(DETAILED))).toBe(true);
});
