import type { Session, SessionSnapshot } from "@shipanion/client";
import { useEffect, useRef } from "react";
import { useHere, useIdentity } from "./IdentityContext.js";

const AGAIN_MS = 5_000;

/**
 * Keeps a session's connection signed in: hands it every fresh ticket, and when it was refused leads it on as soon as
 * the cookie is good again, because it was renewed, or somebody signed in here or in another tab.
 */
export function useCredential(session: Session, { banner }: SessionSnapshot): void {
  const identity = useIdentity();
  const { isLapsed, me } = useHere();
  const triedAt = useRef(-Infinity);
  const isRefused = banner.status === "sign_in";

  useEffect(
    () =>
      identity.onTicket((ticket) => {
        session.signIn(ticket);
      }),
    [identity, session],
  );

  useEffect(() => {
    if (!isRefused || isLapsed) return;
    let isOver = false;
    let timer: number | undefined;
    const lead = async (): Promise<void> => {
      const checked = await identity.check();
      if (isOver || checked === "lapsed") return;
      // A good cookie that the socket refuses all the same is not tried without end.
      const wait = triedAt.current + AGAIN_MS - performance.now();
      if (checked === "good" && wait <= 0) {
        triedAt.current = performance.now();
        session.tryNow();
      } else {
        timer = window.setTimeout(() => void lead(), checked === "good" ? wait : AGAIN_MS);
      }
    };
    void lead();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [identity, session, isRefused, isLapsed, me.user_id]);
}
