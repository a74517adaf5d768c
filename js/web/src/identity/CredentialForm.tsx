import type { ReactElement } from "react";
import { useId, useRef, useState } from "react";
import { Button } from "../ui/Button.js";
import { Field } from "../ui/Field.js";
import { ApiError } from "./api.js";
import styles from "./CredentialForm.module.css";
import type { CredentialProblems } from "./credentialWords.js";
import { credentialProblems, PASSWORD_CHARACTERS } from "./credentialWords.js";

/**
 * Name and password. What the server says against them stands in the form, and what was typed stays.
 *
 * @param isNew the name and password are to become an account
 * @param send throws `ApiError`
 */
export function CredentialForm({
  isNew,
  name = "",
  submit,
  send,
  onSent,
}: {
  readonly isNew: boolean;
  readonly name?: string;
  readonly submit: string;
  readonly send: (username: string, password: string) => Promise<void>;
  readonly onSent?: () => void;
}): ReactElement {
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const [problems, setProblems] = useState<CredentialProblems>({});
  const [refusal, setRefusal] = useState<string>();
  const [isSending, setSending] = useState(false);

  const trySend = async (): Promise<void> => {
    const fields = new FormData(form.current ?? undefined);
    const [username, password] = [textOf(fields.get("username")), textOf(fields.get("password"))];
    const found = credentialProblems(username, password, isNew);
    setProblems(found);
    setRefusal(undefined);
    const wrong = found.username !== undefined ? "username" : found.password !== undefined ? "password" : undefined;
    if (wrong !== undefined) {
      form.current?.querySelector<HTMLInputElement>(`[name=${wrong}]`)?.focus();
      return;
    }
    setSending(true);
    try {
      await send(username.trim(), password);
      onSent?.();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefusal(error.message);
      if (!error.temporary) form.current?.querySelector<HTMLInputElement>("[name=password]")?.focus();
    } finally {
      setSending(false);
    }
  };

  return (
    <form
      ref={form}
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSending) void trySend();
      }}
    >
      <Field
        label="Name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        defaultValue={name}
        problem={problems.username}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete={isNew ? "new-password" : "current-password"}
        maxLength={1024}
        hint={isNew ? `At least ${PASSWORD_CHARACTERS} characters.` : undefined}
        problem={problems.password}
      />
      <div className={styles.end}>
        <Button type="submit" look="primary" aria-disabled={isSending} aria-describedby={`${id}-refusal`}>
          {isSending ? "One moment…" : submit}
        </Button>
        <p id={`${id}-refusal`} className={styles.refusal} role="alert">
          {refusal}
        </p>
      </div>
    </form>
  );
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === "string" ? value : "";
}
