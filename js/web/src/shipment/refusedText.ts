/** What a field shows of a value that was refused; undefined where it was not one line of text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : undefined;
}

/** One part of an object that was refused. */
export function partOf(value: unknown, part: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return textOf((value as Readonly<Record<string, unknown>>)[part]);
}
