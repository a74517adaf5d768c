/** Where the page can be, and how that is written into the address bar. */

/**
 * `new` carries the key under which its conversation is asked for; it is kept beside the address (`history.state`), so
 * that a reload comes back to the same one.
 */
export type Route =
  | { readonly page: "home" }
  | { readonly page: "new"; readonly newKey?: string }
  | { readonly page: "session"; readonly sessionId: string }
  | { readonly page: "sign_in" }
  | { readonly page: "unknown" };

const HOME: Route = { page: "home" };

/** Read an address. `state` is what was kept beside it, and may be anything. */
export function routeOf(pathname: string, state: unknown): Route {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, "") : pathname;
  if (path === "/" || path === "") return HOME;
  if (path === "/sign-in") return { page: "sign_in" };
  if (path === "/new") {
    const newKey = newKeyIn(state);
    return newKey === undefined ? { page: "new" } : { page: "new", newKey };
  }
  const sessionId = /^\/s\/([^/]+)$/.exec(path)?.[1];
  if (sessionId === undefined) return { page: "unknown" };
  try {
    return { page: "session", sessionId: decodeURIComponent(sessionId) };
  } catch {
    return { page: "unknown" };
  }
}

/** The address of a place. */
export function pathOf(route: Route): string {
  switch (route.page) {
    case "new":
      return "/new";
    case "session":
      return `/s/${encodeURIComponent(route.sessionId)}`;
    case "sign_in":
      return "/sign-in";
    case "home":
    case "unknown":
      return "/";
  }
}

/** What is kept beside the address of a place. */
export function stateOf(route: Route): object {
  return route.page === "new" && route.newKey !== undefined ? { newKey: route.newKey } : {};
}

export function sameRoute(one: Route, other: Route): boolean {
  return pathOf(one) === pathOf(other) && one.page === other.page && newKeyIn(one) === newKeyIn(other);
}

function newKeyIn(state: unknown): string | undefined {
  if (typeof state !== "object" || state === null || !("newKey" in state)) return undefined;
  return typeof state.newKey === "string" && state.newKey !== "" ? state.newKey : undefined;
}
