/** The conversation with a real session, whose server is the test. */

import type { JsonObject } from "@shipanion/client";
import { MemoryStorage, Session, Transcript } from "@shipanion/client";
import { act, render } from "@testing-library/react";
import type { ReactElement } from "react";
import { useMemo, useSyncExternalStore } from "react";
import { settle, Surroundings } from "../../../client/tests/support/surroundings.js";
import { ConversationPane } from "../../src/conversation/ConversationPane.js";
import { CurrentSession } from "../../src/session/CurrentSession.js";
import { Announcer } from "../../src/ui/Announcer.js";

const STATE: JsonObject = { shipment_id: "shipment-1", labels: [], current_step: 0 };

export class Room {
  readonly surroundings: Surroundings;
  readonly session: Session;
  readonly transcript: Transcript;
  readonly close: () => void;
  #offset = 0;

  constructor(storage = new MemoryStorage()) {
    this.surroundings = new Surroundings(storage);
    this.session = new Session(this.surroundings);
    this.transcript = new Transcript(this.session, {
      set: (callback) => setTimeout(callback, 0),
      clear: (timer) => {
        clearTimeout(timer as ReturnType<typeof setTimeout>);
      },
    });
    this.close = render(<Here room={this} />).unmount;
  }

  /** The pane is open, and the session live. */
  static async open(state: JsonObject = STATE, storage?: MemoryStorage): Promise<Room> {
    const room = new Room(storage);
    await room.does(async () => {
      void room.session.connect().catch(() => undefined);
      await settle();
      room.surroundings.line.welcomes({ state, position: { epoch: "e1", offset: 0 }, tail: [] });
    });
    return room;
  }

  /** What was sent of a type since the line was opened. */
  sent(type: string): JsonObject[] {
    return this.surroundings.line.sent.filter((frame) => frame.type === type);
  }

  /** The next event of the log comes. */
  async event(type: string, fields: JsonObject = {}, by: JsonObject = { role: "owner", name: "Ann" }): Promise<void> {
    this.#offset += 1;
    await this.says({ session_id: "s-1", offset: this.#offset, at: Date.now(), by, type, ...fields });
  }

  async bob(type: string, fields: JsonObject = {}): Promise<void> {
    await this.event(type, fields, { role: "agent", name: "Bob" });
  }

  async says(frame: JsonObject): Promise<void> {
    await this.does(() => {
      this.surroundings.line.says(frame);
    });
  }

  async breaks(): Promise<void> {
    await this.does(() => {
      this.surroundings.line.heard.closed(1006);
    });
  }

  /** Do a thing and let it have its effect. */
  async does(thing: () => unknown): Promise<void> {
    await act(async () => {
      await thing();
      await settle();
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
  }
}

function Here({ room }: { readonly room: Room }): ReactElement {
  const { session, transcript } = room;
  const snapshot = useSyncExternalStore(session.subscribe, session.snapshot);
  const shown = useSyncExternalStore(transcript.subscribe, transcript.snapshot);
  const { loadOlder, follow } = transcript;
  const current = useMemo(
    () => ({ session, snapshot, transcript: shown, loadOlder, follow }),
    [session, snapshot, shown, loadOlder, follow],
  );
  return (
    <Announcer>
      <CurrentSession value={current} user="user-1" sessionId="s-1">
        <ConversationPane />
      </CurrentSession>
    </Announcer>
  );
}
