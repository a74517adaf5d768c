/** Hooks over the client, for React 18 and later. Thin: what they show is `subscribe` and `snapshot` of its parts. */

export type { Connection } from "./useConnection.js";
export { useConnection } from "./useConnection.js";
export type { UsedSession } from "./useSession.js";
export { useSession } from "./useSession.js";
export type { SessionRow, SessionsOptions, UsedSessions } from "./useSessions.js";
export { useSessions } from "./useSessions.js";
export type { PlainSocketOptions, UsedSocket } from "./useWebSocket.js";
export { useWebSocket } from "./useWebSocket.js";
