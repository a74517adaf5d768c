/** The page's place in the browser's history: read it, change it, hear when back or forward changed it. */

import type { Route } from "./route.js";
import { pathOf, routeOf, sameRoute, stateOf } from "./route.js";

/** What of a window a router needs. */
export type Surroundings = Pick<Window, "history" | "location" | "addEventListener" | "removeEventListener">;

export class Router {
  readonly #window: Surroundings;
  readonly #listeners = new Set<() => void>();
  #route: Route;

  constructor(surroundings: Surroundings) {
    this.#window = surroundings;
    this.#route = this.#read();
  }

  /** Where the page is: the same object until that changes. */
  route = (): Route => this.#route;

  /** Have `listener` called on every change. Returns how to end that. */
  subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#window.addEventListener("popstate", this.#moved);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#window.removeEventListener("popstate", this.#moved);
    };
  };

  /** Go somewhere. `replace`: the place left is not one to come back to. */
  go(route: Route, how: "push" | "replace" = "push"): void {
    if (sameRoute(route, this.#route)) return;
    if (how === "push") this.#window.history.pushState(stateOf(route), "", pathOf(route));
    else this.#window.history.replaceState(stateOf(route), "", pathOf(route));
    this.#turn(route);
  }

  #moved = (): void => {
    this.#turn(this.#read());
  };

  #read(): Route {
    return routeOf(this.#window.location.pathname, this.#window.history.state);
  }

  #turn(route: Route): void {
    if (sameRoute(route, this.#route)) return;
    this.#route = route;
    for (const listener of [...this.#listeners]) listener();
  }
}
