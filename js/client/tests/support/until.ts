/** Waits, with a bound, for what a session shows. */

import type { Session } from "../../src/session.js";
import type { SessionSnapshot } from "../../src/view.js";

const BOUND_MS = 20_000;

export async function until(session: Session, wanted: (shown: SessionSnapshot) => boolean): Promise<SessionSnapshot> {
  return await new Promise((resolve, reject) => {
    const bound = setTimeout(() => {
      reject(new Error(`It did not come about: ${wanted.toString()}\n${JSON.stringify(session.snapshot())}`));
    }, BOUND_MS);
    const look = (): void => {
      if (!wanted(session.snapshot())) return;
      clearTimeout(bound);
      end();
      resolve(session.snapshot());
    };
    const end = session.subscribe(look);
    look();
  });
}
