import "../support/page.js";
import { act, renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { useConnection } from "../../src/react/useConnection.js";
import { Session } from "../../src/session.js";
import { Surroundings } from "../support/surroundings.js";

it("shows the banner and who is there, and renders only when one of them changes", async () => {
  const surroundings = new Surroundings();
  const session = new Session(surroundings);
  let renderings = 0;
  const { result } = renderHook(() => {
    renderings += 1;
    return useConnection(session);
  });
  expect(result.current).toMatchObject({ status: "connecting", devices: [] });
  void session.connect();
  await expect.poll(() => surroundings.lines.length).toBe(1);
  act(() => {
    surroundings.line.welcomes({ devices: [{ device: "d", name: "Ann" }] });
  });
  expect(result.current).toMatchObject({ status: "live", devices: [{ name: "Ann" }] });
  const before = renderings;
  act(() => {
    surroundings.line.says({ ...EVENT, offset: 8 });
  });
  expect(renderings).toBe(before);
  act(() => {
    surroundings.line.heard.closed(1006);
  });
  expect(result.current).toMatchObject({ status: "reconnecting", banner: { attempt: 1 } });
  act(() => {
    result.current.tryNow();
  });
  expect(surroundings.lines.length).toBe(2);
  await session.close();
});

const EVENT = {
  session_id: "s-1",
  at: 1,
  by: { role: "owner", name: "Ann" },
  type: "contextual_update",
  text: "",
  data: {},
};
