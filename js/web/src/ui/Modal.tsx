import type { ComponentProps, ReactElement } from "react";
import { useLayoutEffect, useRef } from "react";

/**
 * The browser's own modal dialog: it keeps the focus inside, closes with Escape or a press beside it, and gives the
 * focus back. `onClose` is called for every way out.
 */
export function Modal({ onClose, ...rest }: ComponentProps<"dialog"> & { readonly onClose: () => void }): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // Before it is taken out of the page: only a dialog that is closed gives the focus back.
    return () => {
      shown?.close();
    };
  }, []);
  return (
    <dialog
      {...rest}
      ref={dialog}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    />
  );
}
