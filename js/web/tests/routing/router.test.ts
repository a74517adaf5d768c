import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Router } from "../../src/routing/router.js";

beforeEach(() => {
  window.history.replaceState(null, "", "/");
});

afterEach(() => {
  vi.restoreAllMocks();
});

it("goes somewhere, tells it once, and can be led back", () => {
  const router = new Router(window);
  const heard: string[] = [];
  const end = router.subscribe(() => heard.push(router.route().page));
  router.go({ page: "session", sessionId: "session-1" });
  router.go({ page: "session", sessionId: "session-1" });
  expect(location.pathname).toBe("/s/session-1");
  expect(heard).toEqual(["session"]);
  end();
  router.go({ page: "new" });
  expect(heard).toEqual(["session"]);
});

it("hears back and forward", () => {
  const router = new Router(window);
  const listener = vi.fn();
  const end = router.subscribe(listener);
  // What a browser does: it changes the address, and then says so.
  window.history.replaceState({ newKey: "key-1" }, "", "/new");
  window.dispatchEvent(new PopStateEvent("popstate"));
  expect(router.route()).toEqual({ page: "new", newKey: "key-1" });
  window.dispatchEvent(new PopStateEvent("popstate"));
  expect(listener).toHaveBeenCalledTimes(1);
  end();
});

it("replaces a place that is not one to come back to", () => {
  const router = new Router(window);
  const push = vi.spyOn(window.history, "pushState");
  router.go({ page: "new", newKey: "key-1" }, "replace");
  expect(push).not.toHaveBeenCalled();
  expect([location.pathname, window.history.state]).toEqual(["/new", { newKey: "key-1" }]);
  expect(new Router(window).route()).toEqual({ page: "new", newKey: "key-1" });
});
