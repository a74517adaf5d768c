/** What is wrong with a name or a password before anybody is asked, as sentences. The server has the last word. */

export interface CredentialProblems {
  readonly username?: string;
  readonly password?: string;
}

/** The server's own least length of a new password, in Unicode characters. */
export const PASSWORD_CHARACTERS = 8;

/** @param isNew an account is to be made, rather than found */
export function credentialProblems(username: string, password: string, isNew: boolean): CredentialProblems {
  const problems: { username?: string; password?: string } = {};
  if (username.trim() === "") problems.username = "Type a name.";
  if (password === "") problems.password = "Type a password.";
  else if (isNew && Array.from(password).length < PASSWORD_CHARACTERS) {
    problems.password = `A password has at least ${PASSWORD_CHARACTERS} characters.`;
  }
  return problems;
}
