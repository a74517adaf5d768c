import "../support/page.js";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useSession } from "../../src/react/useSession.js";
import { NOT_RUN, ServerProcess } from "../support/serverProcess.js";

const server = new ServerProcess();

describe.skipIf(NOT_RUN !== undefined)("useSession and a real server", () => {
  beforeAll(async () => {
    await server.start();
  });
  afterAll(async () => {
    cleanup();
    await server.remove();
  });

  it("says something and sees the answer, over one connection", async () => {
    const token = await server.guest();
    const view = renderHook(() => useSession({ user: "u", url: server.url, token }), { wrapper: StrictMode });
    await waitFor(() => {
      expect(view.result.current.snapshot.status).toBe("live");
    });
    await act(async () => {
      await view.result.current.session.say("5 lb from 90210 to 10001");
    });
    await waitFor(
      () => {
        expect(view.result.current.transcript.events.at(-1)?.type).toBe("turn_ended");
      },
      {
        timeout: 10000,
      },
    );
    expect(view.result.current.snapshot.devices).toMatchObject([{ name: "Guest" }]);
    expect(view.result.current.snapshot.devices[0]?.connections ?? 1).toBe(1);
    view.unmount();
  });
});
