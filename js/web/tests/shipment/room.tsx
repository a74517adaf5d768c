/** The pane with a real session, whose server is the test. */

import type { JsonObject } from "@shipanion/client";
import { MemoryStorage, Session, Transcript } from "@shipanion/client";
import { act, render } from "@testing-library/react";
import type { ReactElement } from "react";
import { useMemo, useSyncExternalStore } from "react";
import { settle, Surroundings } from "../../../client/tests/support/surroundings.js";
import { CurrentSession } from "../../src/session/CurrentSession.js";
import { ShipmentPane } from "../../src/shipment/ShipmentPane.js";
import { EMPTY } from "./states.js";

const HEAD = 7;

export class Room {
  readonly surroundings: Surroundings;
  readonly session: Session;
  readonly transcript: Transcript;
  #offset = HEAD;

  constructor(storage = new MemoryStorage()) {
    this.surroundings = new Surroundings(storage);
    this.session = new Session(this.surroundings);
    this.transcript = new Transcript(this.session, {
      set: (callback) => setTimeout(callback, 0),
      clear: (timer) => {
        clearTimeout(timer as ReturnType<typeof setTimeout>);
      },
    });
  }

  /** The pane is open, and the session live. */
  static async open(state: JsonObject = EMPTY, storage?: MemoryStorage): Promise<Room> {
    const room = new Room(storage);
    render(<Here room={room} />);
    await act(async () => {
      void room.session.connect().catch(() => undefined);
      await settle();
      room.surroundings.line.welcomes({ state, position: { epoch: "e1", offset: HEAD }, tail: [] });
      await settle();
    });
    return room;
  }

  /** What was sent of a type since the line was opened. */
  sent(type: string): JsonObject[] {
    return this.surroundings.line.sent.filter((frame) => frame.type === type);
  }

  /** Patches of the details that were sent. */
  get edits(): unknown[] {
    return this.sent("update_state").map(({ patch }) => (patch as JsonObject).shipping_details);
  }

  /** Tools that were called, with their parameters. */
  get calls(): unknown[] {
    return this.sent("client_tool_call").map(({ client_tool_call: call }) => {
      const { tool_name, parameters } = call as JsonObject;
      return [tool_name, parameters];
    });
  }

  /** The next event of the log comes. */
  async event(type: string, fields: JsonObject = {}): Promise<void> {
    this.#offset += 1;
    const by = { role: "owner", name: "Ann" };
    await this.says({ session_id: "s-1", offset: this.#offset, at: 1_000 + this.#offset, by, type, ...fields });
  }

  async says(frame: JsonObject): Promise<void> {
    await act(async () => {
      this.surroundings.line.says(frame);
      await settle();
    });
  }

  /** What was sent last is refused. */
  async refuses(message: string): Promise<void> {
    const { id } = this.sent("update_state").at(-1) ?? {};
    await this.says({ type: "error", code: "bad_request", message, temporary: false, id: id ?? "" });
  }

  /** The line breaks. */
  async breaks(): Promise<void> {
    await act(async () => {
      this.surroundings.line.heard.closed(1006);
      await settle();
    });
  }
}

/** Lets what was done have its effect. */
export async function soon(): Promise<void> {
  await act(settle);
}

function Here({ room }: { readonly room: Room }): ReactElement {
  const { session, transcript } = room;
  const snapshot = useSyncExternalStore(session.subscribe, session.snapshot);
  const shown = useSyncExternalStore(transcript.subscribe, transcript.snapshot);
  const current = useMemo(
    () => ({
      session,
      snapshot,
      transcript: shown,
      loadOlder: transcript.loadOlder,
      follow: transcript.follow,
    }),
    [session, snapshot, shown, transcript],
  );
  return (
    <CurrentSession value={current} user="user-1" sessionId="s-1">
      <ShipmentPane />
    </CurrentSession>
  );
}
