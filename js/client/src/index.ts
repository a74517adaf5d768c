/**
 * A Shipanion session that survives whatever drops.
 *
 * `openSession` is for pages. `Session` is the same without a browser: it needs the ports of `ports.ts`.
 * `ClientMachine` is the protocol's client without I/O, for shells of another kind. Importing this touches nothing of
 * the platform, so it works in Node too.
 */

export { deviceId } from "./browser/ids.js";
export type { LeftBehind } from "./browser/leftBehind.js";
export { deliverLeftBehind, forget, leftBehind, newConversation, unsent } from "./browser/leftBehind.js";
export type { OpenOptions, OpenSession } from "./browser/openSession.js";
export { openSession } from "./browser/openSession.js";
export type { Identity, Kept } from "./client.js";
export { ClientMachine } from "./client.js";
export type * from "./clientOutputs.js";
export type { Input, State } from "./clientStates.js";
export { TRANSITIONS } from "./clientStates.js";
export type { Duty } from "./codes.js";
export { closeName, dutyOf } from "./codes.js";
export * from "./errors.js";
export type { Json, JsonObject } from "./json.js";
export { MemoryStorage } from "./memoryStorage.js";
export { mergePatch } from "./mergePatch.js";
export type { Command } from "./outbox.js";
export { commandId } from "./outbox.js";
export type * from "./ports.js";
export { samePosition } from "./position.js";
export type { SessionOptions } from "./session.js";
export { Session } from "./session.js";
export type { TranscriptSnapshot, TranscriptSource } from "./transcript.js";
export { Transcript } from "./transcript.js";
export type { Draft, Pending, SessionSnapshot } from "./view.js";
export { isConnected } from "./view.js";
export type * from "./wire.js";
