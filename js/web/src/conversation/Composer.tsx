import { ArrowUp } from "lucide-react";
import type { KeyboardEvent, ReactElement } from "react";
import { useCallback, useEffect, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import { useDevicePlace } from "../session/CurrentSession.js";
import { IconButton } from "../ui/Button.js";
import styles from "./Composer.module.css";
import { room } from "./messageLimit.js";

const FOCUS = "composer";

export interface ComposerHandle {
  /** Put words in, before what is typed already. */
  readonly put: (words: string) => void;
  readonly focus: () => void;
}

/**
 * Where the next thing is said. It depends on no connection: what is typed is kept with every keystroke, and what is
 * sent goes out when it can.
 */
export function Composer({
  note,
  onSay,
  ref,
}: {
  /** What is to be known about sending now; empty when it just works. */
  readonly note: string;
  readonly onSay: (text: string) => void;
  readonly ref?: React.Ref<ComposerHandle>;
}): ReactElement {
  const { restored, keep } = useDevicePlace();
  const [text, setText] = useState(restored.draft ?? "");
  const [adopted, adopt] = useState(restored);
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();

  // Another place was found meanwhile, on the server. What a person has typed since is worth more.
  if (adopted !== restored) {
    adopt(restored);
    if (text === "" && restored.draft !== undefined) setText(restored.draft);
  }

  const type = useCallback(
    (typed: string) => {
      setText(typed);
      keep({ draft: typed === "" ? null : typed });
    },
    [keep],
  );
  useImperativeHandle(ref, () => ({
    put: (words) => {
      type(text === "" ? words : `${words}\n${text}`);
      area.current?.focus();
    },
    focus: () => {
      area.current?.focus();
    },
  }));

  useLayoutEffect(() => {
    const field = area.current;
    if (field === null) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }, [text]);

  const had = restored.focus === FOCUS;
  useEffect(() => {
    const field = area.current;
    if (field === null || !had || document.activeElement !== document.body) return;
    field.focus({ preventScroll: true });
    field.setSelectionRange(field.value.length, field.value.length);
  }, [had]);

  const left = room(text);
  const isTooLong = left !== undefined && left < 0;
  const canSay = text.trim() !== "" && !isTooLong;
  const say = (): void => {
    if (!canSay) return;
    onSay(text.trim());
    type("");
    area.current?.focus();
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // While an input method composes, Enter takes its suggestion. Safari says so only by the old key code.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way to know it there
    const composes = event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || composes) return;
    event.preventDefault();
    say();
  };

  return (
    <div className={styles.composer}>
      <div className={styles.field} data-problem={isTooLong}>
        <label htmlFor={id} className={styles.unseen}>
          Message to Bob
        </label>
        <textarea
          ref={area}
          id={id}
          className={styles.text}
          rows={1}
          placeholder="Write to Bob"
          enterKeyHint="send"
          value={text}
          aria-describedby={`${id}-note`}
          aria-invalid={isTooLong}
          onChange={(event) => {
            type(event.target.value);
          }}
          onKeyDown={press}
          onFocus={() => {
            keep({ focus: FOCUS });
          }}
          onBlur={() => {
            // A window that goes to the back keeps its focus for when it is back.
            if (document.hasFocus() && document.activeElement !== area.current) keep({ focus: null });
          }}
        />
        <IconButton label="Send" look="primary" className={styles.send ?? ""} disabled={!canSay} onClick={say}>
          <ArrowUp size={18} aria-hidden />
        </IconButton>
      </div>
      <p id={`${id}-note`} className={styles.note}>
        <span>{note}</span>
        {left !== undefined && (
          <span className={styles.count} data-problem={isTooLong}>
            {isTooLong ? `${-left} too many` : `${left} left`}
          </span>
        )}
      </p>
    </div>
  );
}
