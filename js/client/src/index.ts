/** The machine of a Shipanion client, without I/O. */

export type { Identity, Kept } from "./client.js";
export { ClientMachine } from "./client.js";
export type * from "./clientOutputs.js";
export type { Input, State } from "./clientStates.js";
export { TRANSITIONS } from "./clientStates.js";
export type { Duty } from "./codes.js";
export { closeName, dutyOf } from "./codes.js";
export * from "./errors.js";
export type { Json, JsonObject } from "./json.js";
export { mergePatch } from "./mergePatch.js";
export type { Command } from "./outbox.js";
export { commandId } from "./outbox.js";
export { samePosition } from "./position.js";
export type * from "./wire.js";
