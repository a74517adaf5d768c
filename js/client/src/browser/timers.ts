/** A page's timers and clock. */

import type { Timers } from "../ports.js";

export const TIMERS: Timers = {
  set: (callback, ms) => setTimeout(callback, ms),
  clear: (timer) => {
    clearTimeout(timer as number | undefined);
  },
};
