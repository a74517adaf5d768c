import type { ErrorInfo, ReactElement, ReactNode } from "react";
import { Component } from "react";
import { Button } from "../ui/Button.js";
import styles from "./ErrorBoundary.module.css";

interface Props {
  readonly children: ReactNode;
}

/** What is drawn when drawing failed: a sentence, and a way on that loses nothing. */
export class ErrorBoundary extends Component<Props, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    console.error("This part of the page could not be drawn.", error, componentStack);
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <Failed /> : this.props.children;
  }
}

function Failed(): ReactElement {
  return (
    <div className={styles.failed} role="alert">
      <h2 className={styles.title}>This part of the page broke</h2>
      <p>That is a fault of the page. Your conversation, your labels and what you wrote are kept.</p>
      <Button
        look="primary"
        onClick={() => {
          location.reload();
        }}
      >
        Reload the page
      </Button>
    </div>
  );
}
