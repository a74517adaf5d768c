import type { ReactElement } from "react";
import { useState } from "react";
import { Mark } from "../shell/Mark.js";
import { guestLossWords } from "../shell/unsent.js";
import { Button } from "../ui/Button.js";
import { ApiError } from "./api.js";
import { CredentialForm } from "./CredentialForm.js";
import type { Here, SignedOut } from "./identity.js";
import { useIdentity } from "./IdentityContext.js";
import styles from "./SignInPage.module.css";
import { useUnsent } from "./useUnsent.js";

/**
 * The way in: with an account, with a new one, or as a guest. A guest who is here already is told what becomes of what
 * they did.
 */
export function SignInPage({
  state,
  onDone,
}: {
  readonly state: SignedOut | Here;
  readonly onDone: () => void;
}): ReactElement {
  const identity = useIdentity();
  const { about } = state;
  const guest = state.phase === "here" && state.me.kind === "guest" ? state.me : undefined;
  const last = state.phase === "signed_out" ? state.last : undefined;
  // A new account is made from a guest, so that what was done so far stays: somebody signed out becomes one first.
  const mayMake = about.sign_up && (guest !== undefined || about.guests);
  const [isNew, setNew] = useState(false);
  const kept = useUnsent(guest?.user_id);
  const loss = isNew ? undefined : guestLossWords(kept, mayMake);

  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <p className={styles.brand}>
          <Mark />
          Shipanion
        </p>
        <h1 className={styles.title} tabIndex={-1} data-heading>
          {isNew ? "Make an account" : last !== undefined ? "Sign in again" : "Sign in"}
        </h1>
        <p className={styles.words}>{wordsOf(isNew, guest !== undefined, last?.kind === "account")}</p>
        {loss !== undefined && (
          <p className={styles.loss} role="alert">
            {loss}
          </p>
        )}
        <CredentialForm
          key={String(isNew)}
          isNew={isNew}
          name={isNew || last?.kind !== "account" ? "" : last.name}
          submit={isNew ? "Make the account" : "Sign in"}
          send={async (username, password) => {
            if (!isNew) {
              await identity.signIn(username, password);
              return;
            }
            if (guest === undefined) await identity.comeInAsGuest();
            await identity.makeAccount(username, password);
          }}
          onSent={onDone}
        />
        <div className={styles.others}>
          {mayMake && (
            <Button
              look="quiet"
              onClick={() => {
                setNew(!isNew);
              }}
            >
              {isNew ? "I have an account" : "Make an account"}
            </Button>
          )}
          {guest !== undefined ? (
            <Button look="quiet" onClick={onDone}>
              Stay a guest
            </Button>
          ) : (
            about.guests && <AsGuest onDone={onDone} />
          )}
        </div>
        {!about.sign_up && <p className={styles.note}>Accounts are made by whoever runs this server.</p>}
      </div>
    </main>
  );
}

function AsGuest({ onDone }: { readonly onDone: () => void }): ReactElement {
  const identity = useIdentity();
  const [refusal, setRefusal] = useState<string>();
  return (
    <>
      <Button
        look="quiet"
        onClick={() => {
          identity.comeInAsGuest().then(onDone, (error: unknown) => {
            setRefusal(error instanceof ApiError ? error.message : "That did not work.");
          });
        }}
      >
        Go on as a guest
      </Button>
      {refusal !== undefined && (
        <p className={styles.refusal} role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}

function wordsOf(isNew: boolean, isGuest: boolean, ranOut: boolean): string {
  if (isNew && isGuest) return "Your conversations and labels stay, and you reach them from any device.";
  if (isNew) return "With an account you reach your conversations and labels from any device.";
  if (isGuest) {
    return "What you did as a guest stays behind and cannot be reached from the account. To keep it, make an account instead.";
  }
  if (ranOut) return "Your sign-in ran out. What you wrote and did not send is kept in this browser.";
  return "Pick up where you left off, on this device or another.";
}
