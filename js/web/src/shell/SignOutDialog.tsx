import type { Pending } from "@shipanion/client";
import type { ReactElement } from "react";
import { useState } from "react";
import { ApiError } from "../identity/api.js";
import { useHere, useIdentity } from "../identity/IdentityContext.js";
import { useUnsent } from "../identity/useUnsent.js";
import { Button } from "../ui/Button.js";
import { Dialog } from "../ui/Dialog.js";
import styles from "./SignOutDialog.module.css";
import { lossWords, saidIn } from "./unsent.js";

/** Asks once more before a person leaves: on all devices, and with what is not sent yet. */
export function SignOutDialog({
  pending,
  onMakeAccount,
  onClose,
}: {
  /** Of the conversation on the page. */
  readonly pending: readonly Pending[];
  readonly onMakeAccount: () => void;
  readonly onClose: () => void;
}): ReactElement {
  const identity = useIdentity();
  const { me, about } = useHere();
  const kept = useUnsent(me.user_id);
  const [refusal, setRefusal] = useState<string>();
  const [isLeaving, setLeaving] = useState(false);
  const isGuest = me.kind === "guest";

  const leave = async (): Promise<void> => {
    setLeaving(true);
    setRefusal(undefined);
    try {
      await identity.signOut();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefusal(`${error.message} You are still signed in.`);
      setLeaving(false);
    }
  };

  // What the server has acknowledged is safe there.
  const here = pending.filter(({ acked }) => acked === undefined);
  const texts = saidIn(here);
  const loss = lossWords(here.length, Math.max(0, kept - here.length));
  return (
    <Dialog title={isGuest ? "Leave for good?" : "Sign out on all devices?"} onClose={onClose}>
      <p>
        {isGuest
          ? "You are here as a guest. Once you sign out, nobody can reach these conversations and labels any more, not even you."
          : `${me.name} is signed out everywhere. What is kept in this browser is erased; your conversations and labels stay on the server.`}
      </p>
      {loss !== undefined && (
        <div className={styles.loss}>
          <p>{loss}</p>
          {texts.length > 0 && (
            <ul className={styles.texts}>
              {texts.map(({ id, text }) => (
                <li key={id}>{text}</li>
              ))}
            </ul>
          )}
        </div>
      )}
      <p className={styles.refusal} role="alert">
        {refusal}
      </p>
      <div className={styles.end}>
        {isGuest && about.sign_up && (
          <Button look="primary" onClick={onMakeAccount}>
            Make an account instead
          </Button>
        )}
        <Button onClick={onClose}>Stay</Button>
        <Button look="danger" aria-disabled={isLeaving} onClick={() => void (isLeaving ? undefined : leave())}>
          {isGuest ? "Leave for good" : "Sign out"}
        </Button>
      </div>
    </Dialog>
  );
}
