/** A weight as people write it, in pounds: the server takes plain pounds only. */

const NUMBER = String.raw`(\d{1,7}(?:[.,]\d{1,6})?|[.,]\d{1,6})`;
const POUNDS = String.raw`(?:lbs?|pounds?)\.?`;
const OUNCES = String.raw`(?:oz|ounces?)\.?`;
const ONE_UNIT = new RegExp(`^${NUMBER}\\s*(lbs?|pounds?|oz|ounces?|kgs?|kilos?|kilograms?|g|grams?)\\.?$`);
const TWO_UNITS = new RegExp(`^${NUMBER}\\s*${POUNDS}(?:\\s|,|and|&)*${NUMBER}\\s*${OUNCES}$`);
const BARE = new RegExp(`^${NUMBER}$`);

/** Exact by definition: 1 lb is 0.45359237 kg. */
const KILOGRAMS = 0.45359237;

/** Pounds in "5", "5 lb 3 oz", "80 oz", "2 kg", to four decimals; undefined for what is none of these. */
export function readPounds(typed: string): number | undefined {
  const text = typed.trim().toLowerCase();
  const bare = BARE.exec(text);
  if (bare) return rounded(figure(bare[1]));
  const two = TWO_UNITS.exec(text);
  if (two) return rounded(figure(two[1]) + figure(two[2]) / 16);
  const one = ONE_UNIT.exec(text);
  if (!one) return undefined;
  const [value, unit = ""] = [figure(one[1]), one[2]];
  if (unit.startsWith("l") || unit.startsWith("p")) return rounded(value);
  if (unit.startsWith("o")) return rounded(value / 16);
  return rounded(value / KILOGRAMS / (unit.startsWith("k") ? 1 : 1000));
}

function figure(digits = ""): number {
  return Number(digits.replace(",", "."));
}

function rounded(pounds: number): number {
  return Math.round(pounds * 10_000) / 10_000;
}
