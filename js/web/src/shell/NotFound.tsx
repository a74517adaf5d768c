import type { Pending } from "@shipanion/client";
import { PackageSearch } from "lucide-react";
import type { ReactElement } from "react";
import { useHere } from "../identity/IdentityContext.js";
import { useRouter } from "../routing/Routing.js";
import { useDevicePlace } from "../session/CurrentSession.js";
import { Button } from "../ui/Button.js";
import styles from "./NotFound.module.css";
import { saidIn } from "./unsent.js";

/** In place of a conversation that is not there for this person, whatever the reason: what was written there is not lost. */
export function NotFound({ pending }: { readonly pending: readonly Pending[] }): ReactElement {
  const router = useRouter();
  const { me } = useHere();
  const { draft } = useDevicePlace().current(); // also what was typed just before it turned out
  const texts = [...saidIn(pending), ...(draft === undefined ? [] : [{ id: "draft", text: draft }])];
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <PackageSearch size={40} strokeWidth={1.5} aria-hidden="true" className={styles.picture} />
        <h2 className={styles.title}>This conversation is not here</h2>
        <p>
          The address may be incomplete, or the conversation belongs to somebody else: then it opens where they are
          signed in.
        </p>
        {texts.length > 0 && (
          <div className={styles.kept}>
            <p>What you wrote here and could not send:</p>
            <ul className={styles.texts}>
              {texts.map(({ id, text }) => (
                <li key={id}>{text}</li>
              ))}
            </ul>
          </div>
        )}
        <Button
          look="primary"
          onClick={() => {
            router.go({ page: "new" });
          }}
        >
          Begin a new one
        </Button>
        {me.kind === "guest" && (
          <Button
            look="quiet"
            onClick={() => {
              router.go({ page: "sign_in" });
            }}
          >
            Sign in
          </Button>
        )}
      </div>
    </div>
  );
}
