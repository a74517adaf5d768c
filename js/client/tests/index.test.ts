import { expect, it } from "vitest";
import * as door from "../src/index.js";

it("what outsiders may call has exactly these names", () => {
  expect(Object.keys(door).sort()).toEqual([
    "ClientMachine",
    "CommandRefused",
    "ConnectionRefused",
    "MachineError",
    "MemoryStorage",
    "Session",
    "SessionEnded",
    "ShipanionError",
    "SignInNeeded",
    "StorageFailed",
    "TRANSITIONS",
    "ToolFailed",
    "Transcript",
    "closeName",
    "commandId",
    "deliverLeftBehind",
    "deviceId",
    "dutyOf",
    "forget",
    "isConnected",
    "leftBehind",
    "mergePatch",
    "newConversation",
    "openSession",
    "samePosition",
    "unsent",
  ]);
});
