import { describe, expect, it } from "vitest";
import type { Route } from "../../src/routing/route.js";
import { pathOf, routeOf, sameRoute, stateOf } from "../../src/routing/route.js";

describe("a place is written into the address and read back", () => {
  it.each<[string, Route]>([
    ["/", { page: "home" }],
    ["/new", { page: "new" }],
    ["/new", { page: "new", newKey: "key-1" }],
    ["/s/session-1", { page: "session", sessionId: "session-1" }],
    ["/s/a%2Fb%20c", { page: "session", sessionId: "a/b c" }],
    ["/sign-in", { page: "sign_in" }],
  ])("%s", (path, route) => {
    expect(pathOf(route)).toBe(path);
    expect(routeOf(path, stateOf(route))).toEqual(route);
  });
});

it.each(["/s", "/s/", "/s/a/b", "/s/%E0%A4%A", "/elsewhere", "/new/1"])("%s is no place", (path) => {
  expect(routeOf(path, null).page).toBe("unknown");
});

it("a slash at the end changes nothing", () => {
  expect(routeOf("/s/session-1/", null)).toEqual({ page: "session", sessionId: "session-1" });
});

it.each([null, undefined, 5, "key-1", {}, { newKey: 5 }, { newKey: "" }])(
  "what another program kept beside the address, %j, is no key",
  (state) => {
    expect(routeOf("/new", state)).toEqual({ page: "new" });
  },
);

it("two new conversations are two places", () => {
  expect(sameRoute({ page: "new", newKey: "a" }, { page: "new", newKey: "b" })).toBe(false);
  expect(sameRoute({ page: "new", newKey: "a" }, { page: "new", newKey: "a" })).toBe(true);
  expect(sameRoute({ page: "home" }, { page: "unknown" })).toBe(false);
});
