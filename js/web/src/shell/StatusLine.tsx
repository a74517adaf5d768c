import type { Banner } from "@shipanion/client";
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { useAnnounce } from "../ui/Announcer.js";
import { Button } from "../ui/Button.js";
import { classes } from "../ui/classes.js";
import styles from "./StatusLine.module.css";
import type { StatusAction, StatusWords } from "./statusWords.js";
import { countdown, liveWords, statusWords, TROUBLE } from "./statusWords.js";

const ACTIONS: Readonly<Record<StatusAction, string>> = {
  try_now: "Try now",
  use_here: "Use it here",
  sign_in: "Sign in",
  reload: "Reload",
};

/** The one line about the connection. It is always there and always as high, so that nothing moves when it changes. */
export function StatusLine({
  banner,
  unsent,
  onAction,
}: {
  readonly banner: Banner;
  readonly unsent: number;
  readonly onAction: (action: StatusAction) => void;
}): ReactElement {
  const words = useFading(banner, unsent);
  useAnnounced(words, banner.status);
  const { action } = words;
  return (
    <section className={classes(styles.line, styles[words.tone])} aria-label="Connection" data-status={banner.status}>
      <span className={styles.dot} aria-hidden="true" />
      <p className={styles.words}>
        <span className={styles.text}>
          {words.text}
          {words.until !== undefined && <Countdown until={words.until} />}
        </span>
        {words.detail !== undefined && <span className={styles.detail}>{words.detail}</span>}
      </p>
      {action !== undefined && (
        <Button
          look="quiet"
          size="small"
          className={styles.action}
          onClick={() => {
            onAction(action);
          }}
        >
          {ACTIONS[action]}
        </Button>
      )}
    </section>
  );
}

/** Reads new words out, once; that all is well only after it was not. */
function useAnnounced({ announce: words }: StatusWords, status: Banner["status"]): void {
  const announce = useAnnounce();
  const wasTrouble = useRef(false);
  useEffect(() => {
    if (words !== undefined) announce(words);
    else if (status === "live" && wasTrouble.current) announce("Live again.");
    if (TROUBLE.has(status)) wasTrouble.current = true;
    else if (status !== "connecting") wasTrouble.current = false;
  }, [words, status, announce]);
}

/** The words of a banner, until they have been there long enough. */
function useFading(banner: Banner, unsent: number): StatusWords {
  const [faded, setFaded] = useState<Banner>();
  const [wasCut, setCut] = useState(false);
  if (!wasCut && TROUBLE.has(banner.status)) setCut(true);
  const words = statusWords(banner, unsent, wasCut);
  const { fadesAfterMs } = words;
  useEffect(() => {
    if (fadesAfterMs === undefined) return;
    const timer = window.setTimeout(() => {
      setFaded(banner);
    }, fadesAfterMs);
    return () => {
      window.clearTimeout(timer);
    };
  }, [banner, fadesAfterMs]);
  return faded === banner ? liveWords(unsent) : words;
}

/** Drawn on its own, so that a tick draws nothing else. */
function Countdown({ until }: { readonly until: number }): ReactElement {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(performance.now());
    }, 250);
    return () => {
      window.clearInterval(timer);
    };
  }, []);
  return <span className={styles.countdown}> {countdown(until, now)}</span>;
}
