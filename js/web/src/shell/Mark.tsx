import type { ReactElement } from "react";

/** The mark of the house: a parcel. Says nothing; its name stands beside it or on what it is in. */
export function Mark({ size = 24 }: { readonly size?: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--mine)" />
      <path d="M7 12.2 16 8l9 4.2v8.4L16 25l-9-4.4z" fill="var(--on-mine)" fillOpacity=".22" />
      <path
        d="m7 12.2 9 4.3 9-4.3M16 16.5V25M7 12.2 16 8l9 4.2v8.4L16 25l-9-4.4z"
        fill="none"
        stroke="var(--on-mine)"
        strokeWidth="2"
        strokeLinejoin="round"
      />
    </svg>
  );
}
