import type { ComponentProps, ReactElement } from "react";
import { createContext, useContext, useSyncExternalStore } from "react";
import type { Route } from "./route.js";
import { pathOf } from "./route.js";
import type { Router } from "./router.js";

const Context = createContext<Router | undefined>(undefined);

/** Makes a router the one of what is inside. */
export const Routing = Context.Provider;

export function useRouter(): Router {
  const router = useContext(Context);
  if (router === undefined) throw new Error("There is no router here.");
  return router;
}

/** Where the page is. */
export function useRoute(): Route {
  const router = useRouter();
  return useSyncExternalStore(router.subscribe, router.route);
}

/** A link within the page. With a modifier key, or the middle button, the browser does what it always does. */
export function Link({
  to,
  onClick,
  ...rest
}: Omit<ComponentProps<"a">, "href"> & { readonly to: Route }): ReactElement {
  const router = useRouter();
  return (
    <a
      {...rest}
      href={pathOf(to)}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || event.button !== 0) return;
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        router.go(to);
      }}
    />
  );
}
