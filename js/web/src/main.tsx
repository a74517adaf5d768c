/** Puts the page together. Everything that the parts need from the browser is handed to them here. */

import { forget, newConversation } from "@shipanion/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.js";
import { browserMemory } from "./app/deviceMemory.js";
import { ErrorBoundary } from "./app/ErrorBoundary.js";
import { PageTheme } from "./app/PageTheme.js";
import { Api } from "./identity/api.js";
import { Identity } from "./identity/identity.js";
import { IdentityOf } from "./identity/IdentityContext.js";
import { Router } from "./routing/router.js";
import { Routing } from "./routing/Routing.js";
import { forgetPlaces, forgottenElsewhere } from "./session/devicePlace.js";
import { Announcer } from "./ui/Announcer.js";
import "./ui/tokens.css";
import "./ui/base.css";

const memory = browserMemory();
const identity = new Identity({
  api: new Api((input, init) => fetch(input, init)),
  memory,
  ...(typeof BroadcastChannel === "undefined" ? {} : { channel: new BroadcastChannel("shipanion-identity") }),
  forget: async (user) => {
    memory.remember(`last/${user}`, undefined);
    try {
      forgetPlaces(user, localStorage);
      forgetPlaces(user, sessionStorage);
    } catch {
      // Where nothing may be stored there is nothing to forget.
    }
    await forget(user);
  },
  now: () => Date.now(),
  setTimer: (callback, ms) => window.setTimeout(callback, ms),
  clearTimer: (timer) => {
    window.clearTimeout(timer as number);
  },
});
void identity.start();
try {
  addEventListener("storage", forgottenElsewhere(sessionStorage));
} catch {
  // Nothing is kept in this tab.
}

const place = document.getElementById("page");
if (place === null) throw new Error("The document has no place for the page.");
createRoot(place).render(
  <StrictMode>
    <PageTheme memory={memory}>
      <Announcer>
        <ErrorBoundary>
          <IdentityOf value={identity}>
            <Routing value={new Router(window)}>
              <App memory={memory} newConversation={(user) => newConversation(user)} />
            </Routing>
          </IdentityOf>
        </ErrorBoundary>
      </Announcer>
    </PageTheme>
  </StrictMode>,
);
