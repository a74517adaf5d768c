import type { ReactElement } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Here } from "../identity/identity.js";
import { SomebodyHere, useIdentityState } from "../identity/IdentityContext.js";
import { SignInPage } from "../identity/SignInPage.js";
import { useRoute, useRouter } from "../routing/Routing.js";
import type { Which } from "../shell/SessionView.js";
import { SessionView } from "../shell/SessionView.js";
import { useAnnounce } from "../ui/Announcer.js";
import type { DeviceMemory } from "./deviceMemory.js";
import { Starting, Unreachable } from "./Starting.js";

/** What the page does beside drawing. */
export interface AppPorts {
  readonly memory: DeviceMemory;
  /** The key of a person's new conversation: the one begun last, as long as nothing was said in it. */
  readonly newConversation: (user: string) => Promise<string>;
}

/** The page: whoever is here, wherever they are. */
export function App(ports: AppPorts): ReactElement {
  const state = useIdentityState();
  const router = useRouter();
  const isAtSignIn = useRoute().page === "sign_in";
  const goOn = useCallback(() => {
    if (router.route().page === "sign_in") router.go({ page: "home" }, "replace");
  }, [router]);
  // Whoever leaves ends up at the door, and whoever came in does not stay there, in whichever tab that was.
  const hasAccount = state.phase === "here" && state.me.kind === "account";
  const lastPhase = useRef(state.phase);
  useEffect(() => {
    if (lastPhase.current === "here" && state.phase === "signed_out") router.go({ page: "sign_in" }, "replace");
    if (state.phase === "here" && (hasAccount || lastPhase.current === "signed_out")) goOn();
    lastPhase.current = state.phase;
  }, [state.phase, hasAccount, router, goOn]);
  switch (state.phase) {
    case "starting":
      return <Starting />;
    case "unreachable":
      return <Unreachable problem={state.problem} />;
    case "signed_out":
      return <SignInPage state={state} onDone={goOn} />;
    case "here":
      if (isAtSignIn) return <SignInPage state={state} onDone={goOn} />;
      return (
        <SomebodyHere here={state}>
          <Places {...ports} here={state} />
        </SomebodyHere>
      );
  }
}

/** Where somebody who is here can be. */
function Places({ memory, newConversation, here }: AppPorts & { readonly here: Here }): ReactElement {
  const user = here.me.user_id;
  const route = useRoute();
  const router = useRouter();
  const announce = useAnnounce();
  const lastPlace = `last/${user}`;

  // Somebody else came in while the page stood at a session: it is not theirs.
  const lastUser = useRef(user);
  useEffect(() => {
    if (lastUser.current === user) return;
    lastUser.current = user;
    router.go({ page: "home" }, "replace");
  }, [user, router]);

  useEffect(() => {
    if (here.isNewGuest === true) announce("Your last visit as a guest ran out. This is a new one.");
  }, [here.isNewGuest, announce]);

  const needsKey = route.page === "new" && route.newKey === undefined;
  const isNowhere = route.page === "home" || route.page === "unknown";
  useEffect(() => {
    if (isNowhere) {
      const sessionId = memory.recallText(lastPlace);
      router.go(sessionId === undefined ? { page: "new" } : { page: "session", sessionId }, "replace");
    }
    if (!needsKey) return;
    let isOver = false;
    void newConversation(user).then((newKey) => {
      if (!isOver) router.go({ page: "new", newKey }, "replace");
    });
    return () => {
      isOver = true;
    };
  }, [isNowhere, needsKey, user, lastPlace, memory, router, newConversation]);

  const rememberPlace = useCallback(
    (sessionId: string | undefined) => {
      memory.remember(lastPlace, sessionId);
    },
    [memory, lastPlace],
  );

  const which = whichOf(
    route.page === "new" ? route.newKey : undefined,
    route.page === "session" ? route.sessionId : undefined,
  );
  // Between two conversations, for the moment in which a key is looked up, the one before stays.
  const [last, setLast] = useState<Shown>();
  const shown: Shown | undefined = which === undefined ? (last?.user === user ? last : undefined) : { user, which };
  if (shown !== undefined && (last?.user !== user || !sameWhich(last.which, shown.which))) setLast(shown);
  if (shown === undefined) return <Starting />;
  return <SessionView key={user} which={shown.which} onPlace={rememberPlace} />;
}

interface Shown {
  readonly user: string;
  readonly which: Which;
}

function sameWhich(one: Which, other: Which): boolean {
  return one.sessionId === other.sessionId && one.newKey === other.newKey;
}

function whichOf(newKey: string | undefined, sessionId: string | undefined): Which | undefined {
  if (sessionId !== undefined) return { sessionId };
  return newKey === undefined ? undefined : { newKey };
}
