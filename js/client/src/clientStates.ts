/**
 * The states of a client and every way from one to another, as a table.
 *
 * Everything that decides which input is legal when is in this file; the machine holds itself to it. An input that has
 * no entry throws `MachineError` and changes nothing.
 *
 *     idle        not started
 *     waiting     no connection; the next try has a time, or waits for the network
 *     connecting  a connection is being opened
 *     greeting    open, no welcome yet
 *     live        welcomed; events flow
 *     sign_in     the credential is no good; only a new one leads on
 *     stopped     ended by the application, or by a server that said: do not come back
 */

export type State = "idle" | "waiting" | "connecting" | "greeting" | "live" | "sign_in" | "stopped";

export type Input =
  | "start"
  | "opened"
  | "received"
  | "closed"
  | "timer"
  | "submit"
  | "ask"
  | "tell"
  | "try_now"
  | "online"
  | "offline"
  | "token"
  | "stop";

type Ways = { readonly [said in Input]?: readonly State[] };

// What ends a connection: a try later, a credential first, or never again.
const LOST: readonly State[] = ["waiting", "connecting", "sign_in", "stopped"];

/** What may be said in `state` without leaving it. */
function staying(state: State): Ways {
  const here = [state];
  return { online: here, offline: here, token: here, submit: here, ask: here, tell: here, try_now: here };
}

export const TRANSITIONS: { readonly [state in State]: Ways } = {
  idle: { start: ["connecting"], stop: ["stopped"] },
  waiting: {
    ...staying("waiting"),
    timer: ["waiting", "connecting"],
    try_now: ["waiting", "connecting"],
    stop: ["stopped"],
  },
  connecting: {
    ...staying("connecting"),
    opened: ["greeting"],
    closed: LOST,
    timer: ["connecting", "waiting"],
    stop: ["stopped"],
  },
  greeting: {
    ...staying("greeting"),
    received: ["greeting", "live", "waiting"],
    closed: LOST,
    timer: ["greeting", "waiting"],
    stop: ["stopped"],
  },
  live: {
    ...staying("live"),
    received: ["live", "waiting", "sign_in"],
    closed: LOST,
    timer: ["live", "waiting"],
    stop: ["stopped"],
  },
  sign_in: {
    ...staying("sign_in"),
    timer: ["sign_in"],
    try_now: ["connecting"],
    token: ["connecting"],
    stop: ["stopped"],
  },
  // A person may overrule a server that said stop ("use it here"), and go on after a frame that was too large.
  stopped: {
    timer: ["stopped"],
    try_now: ["connecting"],
    online: ["stopped"],
    offline: ["stopped"],
    token: ["stopped"],
    stop: ["stopped"],
  },
};
