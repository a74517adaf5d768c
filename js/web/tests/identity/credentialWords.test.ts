import { expect, it } from "vitest";
import { credentialProblems } from "../../src/identity/credentialWords.js";

it.each([
  ["ann", "correct horse", true, {}],
  ["ann", "short", false, {}],
  ["ann", "short", true, { password: "A password has at least 8 characters." }],
  ["ann", "📦📦📦📦📦📦📦", true, { password: "A password has at least 8 characters." }],
  ["ann", "📦📦📦📦📦📦📦📦", true, {}],
  [" ", "correct horse", false, { username: "Type a name." }],
  ["", "", true, { username: "Type a name.", password: "Type a password." }],
])("%j and %j, new: %j", (username, password, isNew, problems) => {
  expect(credentialProblems(username, password, isNew)).toEqual(problems);
});
