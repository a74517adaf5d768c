import { expect, it } from "vitest";
import { day, dayName, left, place, price, service, weight } from "../../src/conversation/figures.js";

it("money, weight and names, whatever there is", () => {
  expect([price(26.5), price(0), price("5"), price(undefined)]).toEqual(["$26.50", "$0.00", "?", "?"]);
  expect([weight(5), weight(0.5), weight(null)]).toEqual(["5 lb", "0.5 lb", ""]);
  expect(service({ carrier: "USPS", service: "Priority Mail" })).toBe("USPS Priority Mail");
  expect([place({ from: "90210", from_place: "Beverly Hills, CA" }, "from"), place({ to: "10001" }, "to"), place({}, "to")]).toEqual(["Beverly Hills, CA (90210)", "10001", ""]); // prettier-ignore
});

it("days of the calendar and of this device", () => {
  expect([day("2026-11-30"), day("soon"), day(5)]).toEqual(["Mon, Nov 30", "soon", ""]);
  const now = new Date("2026-11-24T00:10").getTime();
  const name = (iso: string) => dayName(new Date(iso).getTime(), now);
  expect(["2026-11-24T00:05", "2026-11-23T23:59", "2026-11-20T10:00", "2025-11-20T10:00"].map(name)).toEqual(["Today", "Yesterday", "Friday, November 20", "Thursday, November 20, 2025"]); // prettier-ignore
});

it("the time that is left", () => {
  expect([left(65_000, 0), left(9_000, 0), left(7_500_000, 0), left(0, 5)]).toEqual(["1:05", "0:09", "2 h 5 min", ""]);
});
