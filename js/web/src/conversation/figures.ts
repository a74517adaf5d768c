/** Prices, places and times as they are shown. Total: whatever a state or an event holds, there is a text. */

import type { Json, JsonObject } from "@shipanion/client";

/** `value` if it is an object, else an empty one. */
export function fields(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** `value` if it is a text, else an empty one. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The objects in a list; none where there is no list. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? (value as Json[]).filter((item): item is JsonObject => fields(item) === item) : [];
}

/** Dollars: `$26.05`. */
export function price(amount: unknown): string {
  const dollars = number(amount);
  return dollars === undefined ? "?" : `$${dollars.toFixed(2)}`;
}

/** Carrier and service of a quote, a purchase or a label. */
export function service(entry: JsonObject): string {
  return `${text(entry.carrier)} ${text(entry.service)}`.trim();
}

/** `5 lb`. */
export function weight(pounds: unknown): string {
  const value = number(pounds);
  return value === undefined ? "" : `${String(Math.round(value * 1000) / 1000)} lb`;
}

/** An end of a route: `Beverly Hills, CA (90210)`. */
export function place(details: JsonObject, end: "from" | "to"): string {
  const [zip, name] = [text(details[end]), text(details[`${end}_place`])];
  return name === "" ? zip : zip === "" ? name : `${name} (${zip})`;
}

/** A day of the calendar, `2026-11-30`, as `Mon, Nov 30`; as it is where it is none. */
export function day(date: unknown): string {
  const [year, month, dayOfMonth] = text(date).split("-").map(Number);
  if (year === undefined || month === undefined || dayOfMonth === undefined) return text(date);
  const at = new Date(year, month - 1, dayOfMonth);
  return Number.isNaN(at.getTime())
    ? text(date)
    : at.toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric" });
}

/** The time of day: `2:05 PM`. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
}

/** The day of `at` as it is called at `now`: `Today`, `Yesterday`, `Friday, November 20`. */
export function dayName(at: number, now: number): string {
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Date(at).toLocaleDateString("en-US", {
    weekday: "long",
    month: "long",
    day: "numeric",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

/** Where the day of `at` began, on this device's calendar. */
export function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** How long until `at`: `2 h 5 min`, `12:31` below an hour; empty when it is over. */
export function left(at: number, now: number): string {
  const seconds = Math.floor((at - now) / 1000);
  if (seconds <= 0) return "";
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0
    ? `${String(hours)} h ${String(minutes)} min`
    : `${String(minutes)}:${String(seconds % 60).padStart(2, "0")}`;
}
