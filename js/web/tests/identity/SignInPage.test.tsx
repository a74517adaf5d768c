import { unsent } from "@shipanion/client";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { Identity } from "../../src/identity/identity.js";
import { IdentityOf, useIdentityState } from "../../src/identity/IdentityContext.js";
import { SignInPage } from "../../src/identity/SignInPage.js";
import { setting } from "../support/standIn.js";
import { emptyBrowser, tabWith } from "../support/unsent.js";

afterEach(async () => {
  cleanup();
  await emptyBrowser();
});

function Page() {
  const state = useIdentityState();
  return state.phase === "here" || state.phase === "signed_out" ? (
    <SignInPage state={state} onDone={() => undefined} />
  ) : undefined;
}

async function shown() {
  const place = setting();
  place.server.account("ann", "correct horse");
  const identity = new Identity(place.ports);
  render(
    <IdentityOf value={identity}>
      <Page />
    </IdentityOf>,
  );
  await act(() => identity.start());
}

it("tells a guest before they are replaced what another living tab of theirs has not sent", async () => {
  await tabWith("guest-1", 2);
  await shown();
  await waitFor(() => {
    expect(
      screen.getByText(/^2 things you did are not sent yet and would be lost\. Make an account instead/),
    ).toBeTruthy();
  });
  fireEvent.click(screen.getByRole("button", { name: "Make an account" }));
  expect(screen.queryByText(/not sent yet/)).toBeNull();
});

it("warns a guest of nothing when all that is not sent is somebody else's", async () => {
  await tabWith("guest-7", 1);
  await shown();
  await act(() => unsent("guest-1"));
  expect(screen.getByText(/^What you did as a guest stays behind/)).toBeTruthy();
  expect(screen.queryByText(/not sent yet/)).toBeNull();
});
