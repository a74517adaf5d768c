import type { ReactElement } from "react";
import { useState } from "react";
import { Button } from "../ui/Button.js";
import { ApiError } from "./api.js";
import { CredentialForm } from "./CredentialForm.js";
import { useHere, useIdentity } from "./IdentityContext.js";
import styles from "./SignInAgain.module.css";

/** Stands above a person's work when their sign-in ended meanwhile. What they wrote stays where it is. */
export function SignInAgain(): ReactElement {
  const identity = useIdentity();
  const { me, about } = useHere();
  return (
    <section className={styles.strip} aria-labelledby="sign-in-again">
      <div className={styles.inside}>
        <div className={styles.words}>
          <h2 id="sign-in-again" className={styles.title}>
            {me.kind === "account" ? "Sign in again to go on" : "This guest's visit has ended"}
          </h2>
          <p>
            {me.kind === "account"
              ? `Your sign-in as ${me.name} ended. What you wrote is kept here and goes out once you are back.`
              : "It was ended from another device, or became an account there. Sign in to that account, or begin anew."}
          </p>
        </div>
        <CredentialForm
          isNew={false}
          name={me.kind === "account" ? me.name : ""}
          submit="Sign in"
          send={(username, password) => identity.signIn(username, password)}
        />
        {about.guests && me.kind === "guest" && <Anew />}
      </div>
    </section>
  );
}

function Anew(): ReactElement {
  const identity = useIdentity();
  const [refusal, setRefusal] = useState<string>();
  return (
    <div>
      <Button
        look="quiet"
        onClick={() => {
          identity.comeInAsGuest().catch((error: unknown) => {
            setRefusal(error instanceof ApiError ? error.message : "That did not work.");
          });
        }}
      >
        Begin anew as a guest
      </Button>
      <p role="alert">{refusal}</p>
    </div>
  );
}
