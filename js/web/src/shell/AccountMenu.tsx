import type { Pending } from "@shipanion/client";
import { Check, CircleUserRound, LogIn, LogOut, UserPlus } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactElement } from "react";
import { useState } from "react";
import { usePageTheme } from "../app/PageTheme.js";
import type { Theme } from "../app/theme.js";
import { THEMES } from "../app/theme.js";
import { CredentialForm } from "../identity/CredentialForm.js";
import { useHere, useIdentity } from "../identity/IdentityContext.js";
import { useRouter } from "../routing/Routing.js";
import { useAnnounce } from "../ui/Announcer.js";
import { Dialog } from "../ui/Dialog.js";
import menu from "../ui/Menu.module.css";
import styles from "./AccountMenu.module.css";
import { SignOutDialog } from "./SignOutDialog.js";

const THEME_NAMES: Readonly<Record<Theme, string>> = { system: "As the system", light: "Light", dark: "Dark" };

/** Who is here, how the page looks, and the ways in and out. */
export function AccountMenu({ pending }: { readonly pending: readonly Pending[] }): ReactElement {
  const { me, about } = useHere();
  const router = useRouter();
  const [theme, setTheme] = usePageTheme();
  const [asked, setAsked] = useState<"account" | "leave">();
  const isGuest = me.kind === "guest";
  const close = (): void => {
    setAsked(undefined);
  };
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className={styles.trigger} aria-label={`Account: ${isGuest ? "guest" : me.name}`}>
          <CircleUserRound size={20} aria-hidden="true" />
          <span className={styles.name}>{isGuest ? "Guest" : me.name}</span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className={menu.menu} align="end" sideOffset={6}>
            <DropdownMenu.Label className={menu.label}>
              {isGuest ? "You are here as a guest" : `Signed in as ${me.name}`}
            </DropdownMenu.Label>
            {isGuest && about.sign_up && (
              <DropdownMenu.Item
                className={menu.item}
                onSelect={() => {
                  setAsked("account");
                }}
              >
                <UserPlus size={16} aria-hidden="true" />
                Make an account
              </DropdownMenu.Item>
            )}
            {isGuest && (
              <DropdownMenu.Item
                className={menu.item}
                onSelect={() => {
                  router.go({ page: "sign_in" });
                }}
              >
                <LogIn size={16} aria-hidden="true" />
                Sign in
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Separator className={menu.line} />
            <DropdownMenu.Label className={menu.label} id="theme-label">
              Look
            </DropdownMenu.Label>
            <DropdownMenu.RadioGroup
              value={theme}
              aria-labelledby="theme-label"
              onValueChange={(value) => {
                setTheme(value as Theme);
              }}
            >
              {THEMES.map((name) => (
                <DropdownMenu.RadioItem
                  key={name}
                  value={name}
                  className={menu.item}
                  onSelect={(event) => {
                    event.preventDefault();
                  }}
                >
                  <span className={styles.tick}>
                    <DropdownMenu.ItemIndicator>
                      <Check size={16} aria-hidden="true" />
                    </DropdownMenu.ItemIndicator>
                  </span>
                  {THEME_NAMES[name]}
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
            <DropdownMenu.Separator className={menu.line} />
            <DropdownMenu.Item
              className={menu.item}
              onSelect={() => {
                setAsked("leave");
              }}
            >
              <LogOut size={16} aria-hidden="true" />
              Sign out
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {asked === "leave" && (
        <SignOutDialog
          pending={pending}
          onClose={close}
          onMakeAccount={() => {
            setAsked("account");
          }}
        />
      )}
      {asked === "account" && <AccountDialog onClose={close} />}
    </>
  );
}

/** A guest becomes an account, on the page as it stands. */
function AccountDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const identity = useIdentity();
  const announce = useAnnounce();
  return (
    <Dialog title="Make an account" onClose={onClose}>
      <p>Your conversations and labels stay as they are, and you reach them from any device.</p>
      <CredentialForm
        isNew
        submit="Make the account"
        send={(username, password) => identity.makeAccount(username, password)}
        onSent={() => {
          announce("You have an account now.");
          onClose();
        }}
      />
    </Dialog>
  );
}
