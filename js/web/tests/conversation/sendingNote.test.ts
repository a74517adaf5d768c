import { expect, it } from "vitest";
import { sendingNote } from "../../src/conversation/sendingNote.js";

it("says that what is sent is kept, where it does not go out at once", () => {
  for (const status of ["live", "resumed", "snapshot", "still_working", "connecting"] as const) {
    expect(sendingNote({ status })).toBe("");
  }
  for (const status of ["offline", "reconnecting", "sign_in"] as const) expect(sendingNote({ status })).toMatch(/kept/);
  expect(sendingNote({ status: "sign_in" })).toMatch(/sign in/);
  expect(sendingNote({ status: "stopped", reason: "replaced" })).toMatch(/another tab/);
  expect(sendingNote({ status: "stopped" })).toMatch(/closed/);
});
