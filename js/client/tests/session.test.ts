import { describe, expect, it } from "vitest";
import type { ForApplication } from "../src/clientOutputs.js";
import type { ShipanionError } from "../src/errors.js";
import {
  CommandRefused,
  ConnectionRefused,
  MachineError,
  SessionEnded,
  SignInNeeded,
  StorageFailed,
  ToolFailed,
} from "../src/errors.js";
import { MemoryStorage } from "../src/memoryStorage.js";
import type { Command } from "../src/outbox.js";
import type { Fresh } from "../src/ports.js";
import type { SessionOptions } from "../src/session.js";
import { Session } from "../src/session.js";
import { event, recovered, settle, Surroundings } from "./support/surroundings.js";

interface Room {
  readonly session: Session;
  readonly around: Surroundings;
  readonly heard: ForApplication[];
}

/** A session that has begun to connect. */
async function begun(storage = new MemoryStorage(), options: SessionOptions = {}): Promise<Room> {
  const around = new Surroundings(storage);
  const session = new Session(around, options);
  const heard: ForApplication[] = [];
  session.listen((output) => heard.push(output));
  session.connect().catch(() => undefined);
  await settle();
  return { session, around, heard };
}

/** A session that is live at position 7. */
async function live(storage = new MemoryStorage(), options: SessionOptions = {}): Promise<Room> {
  const room = await begun(storage, options);
  room.around.line.welcomes();
  return room;
}

/** What a promise rejects with; undefined when it resolves. */
function failure(promise: Promise<unknown>): Promise<ShipanionError | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => error as ShipanionError,
  );
}

const ack = (id: string, offset: number, duplicate = false) => ({
  type: "ack",
  session_id: "s-1",
  acks: [{ id, offset, duplicate }],
});

const refusal = (id: string, code: string) => ({
  type: "error",
  session_id: "s-1",
  code,
  message: "No.",
  temporary: false,
  id,
});

describe("connecting", () => {
  it("asks for a new session by a kept key, says hello with its token, and is live with the welcome", async () => {
    const around = new Surroundings();
    const session = new Session(around, { token: "t" });
    const connected = session.connect();
    await settle();
    expect(session.snapshot()).toMatchObject({ status: "connecting", pending: [], turns: [], devices: [] });
    expect(around.line.query).toEqual({ new: "id-1", device: "id-2", client: "id-3" });
    around.line.welcomes({ devices: [{ device: "d", name: "Ann" }], digest: { since: 3, lines: ["It rained."] } });
    await connected;
    expect(around.line.sent).toEqual([{ type: "hello", new: "id-1", device: "id-2", client: "id-3", token: "t" }]);
    expect(session.snapshot()).toMatchObject({
      status: "live",
      sessionId: "s-1",
      position: { epoch: "e1", offset: 7 },
      state: { title: "Shoes" },
      devices: [{ device: "d", name: "Ann" }],
      digest: { lines: ["It rained."] },
    });
  });

  it("says no hello where the transport brings the credential", async () => {
    const { around } = await live();
    expect(around.line.sent).toEqual([]);
  });

  it("takes nothing before it was begun, nor after it was closed", async () => {
    const session = new Session(new Surroundings());
    expect(await failure(session.say("x"))).toBeInstanceOf(MachineError);
    session.seen();
    session.tryNow();
    await session.close();
    expect(await failure(session.connect())).toBeInstanceOf(SessionEnded);
    expect(await failure(session.say("x"))).toBeInstanceOf(SessionEnded);
  });

  it("opens nothing when it was closed while it loaded", async () => {
    const around = new Surroundings();
    const session = new Session(around);
    const connected = failure(session.connect());
    await session.close();
    expect(await connected).toBeInstanceOf(SessionEnded);
    expect([around.lines.length, around.isArmed]).toEqual([0, false]);
  });

  it("says so when what was kept cannot be read", async () => {
    const storage = new MemoryStorage();
    storage.load = () => Promise.reject(new Error("torn"));
    const around = new Surroundings(storage);
    const session = new Session(around);
    const connected = failure(session.connect());
    const said = failure(session.say("x"));
    expect([await connected, await said]).toEqual([expect.any(StorageFailed), expect.any(StorageFailed)]);
    expect(around.lines).toEqual([]);
  });

  it("rejects for a server that turns it away; a person may overrule that", async () => {
    const around = new Surroundings();
    const session = new Session(around);
    const connected = failure(session.connect());
    await settle();
    around.line.heard.opened();
    around.line.says({ type: "error", code: "replaced", message: "It is open elsewhere.", temporary: false });
    around.line.heard.closed(4300);
    expect(await connected).toMatchObject({ name: "ConnectionRefused", code: 4300, message: "It is open elsewhere." });
    expect(await failure(session.say("x"))).toBeInstanceOf(ConnectionRefused);
    expect(session.snapshot().pending).toEqual([]);
    session.tryNow();
    const again = session.connect();
    around.line.welcomes();
    await again;
    expect(session.snapshot().status).toBe("live");
  });

  it("waits for a sign-in, and keeps what is said meanwhile", async () => {
    const { session, around } = await begun(undefined, { token: "old" });
    const first = failure(session.say("one", "m-1"));
    await settle();
    around.line.heard.closed(4201);
    expect(await first).toMatchObject({ name: "SignInNeeded", code: "expired" });
    expect(await failure(session.say("two", "m-2"))).toBeInstanceOf(SignInNeeded);
    expect(await failure(session.connect())).toBeInstanceOf(SignInNeeded);
    expect(session.snapshot()).toMatchObject({ status: "sign_in", pending: [{ id: "m-1" }, { id: "m-2" }] });
    session.signIn("new");
    around.line.welcomes();
    expect(around.line.sent).toMatchObject([{ type: "hello", token: "new" }, { id: "m-1" }, { id: "m-2" }]);
  });

  it("comes back after the time that the machine names, from its position", async () => {
    const { session, around } = await live();
    around.line.heard.closed(1006);
    expect(session.snapshot().banner).toMatchObject({ status: "reconnecting", attempt: 1, at: 250 });
    around.passTime();
    expect(around.lines[1]?.query).toMatchObject({ session_id: "s-1", epoch: "e1", offset: 7 });
    around.line.welcomes(recovered(7, 1));
    expect(session.snapshot().status).toBe("reconnecting");
    around.line.says(event(8, "state_changed", { patch: { title: "Books" } }));
    expect(session.snapshot()).toMatchObject({ banner: { status: "resumed", replayed: 1 }, state: { title: "Books" } });
  });

  it("does not try without a network", async () => {
    const { session, around } = await live();
    session.networkChanged(false);
    around.line.heard.closed(1006);
    expect(session.snapshot().status).toBe("offline");
    session.networkChanged(true);
    expect(session.snapshot().status).toBe("reconnecting");
    session.tryNow();
    expect(around.lines.length).toBe(2);
  });
});

describe("commands", () => {
  it("are kept before they are sent, shown until their event comes, and resolve with it", async () => {
    const storage = new MemoryStorage();
    const { session, around } = await live(storage);
    let keep: (() => void) | undefined;
    const add = storage.add.bind(storage);
    storage.add = async (command: Command) => {
      await new Promise<void>((resolve) => (keep = resolve));
      await add(command);
    };
    const said = session.say("hello", "m-1");
    await settle();
    expect([around.line.sent, session.snapshot().pending]).toMatchObject([[], [{ id: "m-1" }]]);
    keep?.();
    await settle();
    expect(around.line.sent).toEqual([{ type: "user_message", id: "m-1", text: "hello", approval_id: null }]);
    around.line.says(event(8, "user_message", { id: "m-1", text: "hello", turn_id: "t-1" }));
    expect(await said).toEqual({ out: "settled", id: "m-1", offset: 8 });
    expect(session.snapshot()).toMatchObject({ pending: [], turn: "t-1", turns: ["t-1"] });
    expect((await storage.load({ newKey: "", device: "" })).outbox).toEqual([]);
  });

  it("are Unicode before they are kept, so that they are what the server reads and answers with", async () => {
    const storage = new MemoryStorage();
    const { session, around } = await live(storage);
    void session.say("half \ud83d emoji", "m-1");
    const whole = { type: "user_message", id: "m-1", text: "half \ufffd emoji", approval_id: null };
    expect(session.snapshot().pending).toMatchObject([{ id: "m-1", command: whole }]);
    await settle();
    expect((await storage.load({ newKey: "", device: "" })).outbox).toEqual([whole]);
    expect(around.line.sent).toEqual([whole]);
    void session.say("half \ud83d emoji", "m-1");
    await settle();
    expect(around.line.sent.length).toBe(1);
  });

  it("bear the question that was open where they were written", async () => {
    const { session, around } = await live();
    around.line.says(
      event(8, "approval_requested", { approval_id: "a-1", patch: { approval: { approval_id: "a-1" } } }),
    );
    void session.say("yes", "m-1");
    await settle();
    expect(around.line.sent).toMatchObject([{ text: "yes", approval_id: "a-1" }]);
  });

  it("that are acknowledged stay shown until their event comes, and given again are one command", async () => {
    const { session, around } = await live();
    const said = session.say("hello", "m-1");
    await settle();
    around.line.says(ack("m-1", 8));
    await said;
    expect(session.snapshot().pending).toMatchObject([{ id: "m-1", acked: 8 }]);
    expect(await session.say("hello", "m-1")).toMatchObject({ offset: 8 });
    expect(await failure(session.say("other", "m-1"))).toBeInstanceOf(MachineError);
    around.line.says(event(8, "user_message", { id: "m-1", text: "hello", turn_id: "t-1" }));
    expect(session.snapshot().pending).toEqual([]);
    expect(around.line.sent.length).toBe(1);
  });

  it("take each other's turn, however long keeping one takes", async () => {
    const storage = new MemoryStorage();
    const { session, around } = await live(storage);
    const add = storage.add.bind(storage);
    storage.add = async (command: Command) => {
      if (command.id === "m-1") await settle();
      await add(command);
    };
    void session.say("one", "m-1");
    void session.stop("t-1", "m-2");
    void session.update({ title: "Books" }, "m-3");
    void session.resolve("a-1", "approved", "m-4");
    await settle();
    await settle();
    expect(around.line.sent).toEqual([
      { type: "user_message", id: "m-1", text: "one", approval_id: null },
      { type: "stop", id: "m-2", turn_id: "t-1" },
      { type: "update_state", id: "m-3", patch: { title: "Books" } },
      { type: "resolve_approval", id: "m-4", approval_id: "a-1", decision: "approved" },
    ]);
  });

  it("that cannot be kept are not sent", async () => {
    const storage = new MemoryStorage();
    const { session, around } = await live(storage);
    storage.add = () => Promise.reject(new Error("full"));
    expect(await failure(session.say("x"))).toMatchObject({ name: "StorageFailed", cause: { message: "full" } });
    expect([around.line.sent, session.snapshot().pending]).toEqual([[], []]);
  });

  it("that are refused for good reject, and are kept no longer", async () => {
    const storage = new MemoryStorage();
    const { session, around } = await live(storage);
    const said = failure(session.say("x", "m-1"));
    await settle();
    around.line.says(refusal("m-1", "id_reused"));
    expect(await said).toMatchObject({ name: "CommandRefused", id: "m-1", code: "id_reused", message: "No." });
    expect(session.snapshot().pending).toEqual([]);
    expect((await storage.load({ newKey: "", device: "" })).outbox).toEqual([]);
  });

  it("say of themselves while they are being written down", async () => {
    const storage = new MemoryStorage();
    const { session } = await live(storage);
    let written = (): void => undefined;
    storage.add = () => new Promise((resolve) => (written = resolve));
    void session.say("x", "m-1");
    await settle();
    expect(session.snapshot().pending).toMatchObject([{ id: "m-1", isBeingKept: true }]);
    written();
    await settle();
    expect(session.snapshot().pending).not.toHaveProperty("0.isBeingKept");
    expect(session.snapshot().pending).toMatchObject([{ id: "m-1" }]);
  });

  it("that nothing can write down go out, and never say that they are kept", async () => {
    const storage = Object.assign(new MemoryStorage(), { keepsNothing: true });
    const { session, around } = await live(storage);
    void session.say("x", "m-1");
    await settle();
    expect(around.line.sent).toMatchObject([{ id: "m-1" }]);
    expect(session.snapshot().pending).toMatchObject([{ id: "m-1", isBeingKept: true }]);
  });

  it("that are given again before it is known that an earlier life kept them are kept and sent once", async () => {
    const storage = new MemoryStorage();
    const said = { type: "user_message", id: "m-1", text: "x", approval_id: null };
    await storage.add(said);
    const around = new Surroundings(storage);
    const session = new Session(around);
    session.connect().catch(() => undefined);
    void session.send(said);
    await settle();
    expect(session.snapshot().pending).toEqual([{ id: "m-1", command: said }]);
    around.line.welcomes();
    expect(around.line.sent.filter(({ type }) => type === "user_message")).toEqual([said]);
    expect((await storage.load({ newKey: "", device: "" })).outbox).toEqual([said]);
  });

  it("outlive a reload: shown at once, sent again after the welcome, the oldest first", async () => {
    const storage = new MemoryStorage();
    const first = await live(storage);
    const said = ["one", "two"].map((text, at) => failure(first.session.say(text, `m-${at}`)));
    await settle();
    await first.session.close();
    expect(await Promise.all(said)).toEqual([expect.any(SessionEnded), expect.any(SessionEnded)]);
    expect([first.around.line.hungUp, first.around.isArmed]).toEqual([{ code: 1000, reason: "done" }, false]);

    const { session, around } = await begun(storage);
    expect(session.snapshot()).toMatchObject({
      status: "connecting",
      state: { title: "Shoes" },
      pending: [{ id: "m-0" }, { id: "m-1" }],
    });
    expect(around.line.query).toMatchObject({ session_id: "s-1", epoch: "e1", offset: 7, device: "id-2" });
    around.line.welcomes(recovered(7));
    expect(around.line.sent.map((frame) => frame.id)).toEqual(["m-0", "m-1"]);
    around.line.says(ack("m-0", 6, true));
    expect(session.snapshot().pending).toMatchObject([{ id: "m-1" }]);
  });

  it("that were given while the page loaded go after those of the life before", async () => {
    const storage = new MemoryStorage();
    await storage.add({ type: "user_message", id: "m-0", text: "before" });
    const around = new Surroundings(storage);
    const session = new Session(around);
    void session.connect();
    void session.say("now", "m-1");
    await settle();
    around.line.welcomes();
    expect(around.line.sent.map((frame) => frame.id)).toEqual(["m-0", "m-1"]);
    expect(session.snapshot().pending.map((item) => item.id)).toEqual(["m-0", "m-1"]);
  });

  it("that were still being kept when the server said stop go when a person leads on", async () => {
    const { session, around } = await live();
    const said = failure(session.say("x", "m-1"));
    around.line.heard.closed(4300);
    expect(await said).toBeInstanceOf(ConnectionRefused);
    expect(session.snapshot().pending).toMatchObject([{ id: "m-1" }]);
    session.tryNow();
    around.line.welcomes(recovered(7));
    expect(around.line.sent).toMatchObject([{ id: "m-1" }]);
  });
});

describe("tools", () => {
  const result = (offset: number, is_error: boolean, value: string) =>
    event(offset, "client_tool_result", { tool_call_id: "c-1", tool_name: "t", is_error, result: { error: value } });

  it("return their result", async () => {
    const { session, around } = await live();
    const called = session.callTool("t", { weight: 5 }, "c-1");
    await settle();
    expect(around.line.sent).toEqual([
      {
        type: "client_tool_call",
        client_tool_call: { tool_name: "t", tool_call_id: "c-1", parameters: { weight: 5 } },
      },
    ]);
    around.line.says(ack("c-1", 8));
    around.line.says(result(8, false, "none"));
    expect(await called).toEqual({ error: "none" });
  });

  it("throw when they fail, and when the call is refused", async () => {
    const { session, around } = await live();
    const failed = failure(session.callTool("t", {}, "c-1"));
    const refused = failure(session.callTool("t", {}, "c-2"));
    await settle();
    around.line.says(result(8, true, "Too heavy."));
    around.line.says(refusal("c-2", "invalid"));
    expect(await failed).toMatchObject({ name: "ToolFailed", message: "Too heavy." });
    expect(await failed).toBeInstanceOf(ToolFailed);
    expect(await refused).toBeInstanceOf(CommandRefused);
  });

  it("find a result that a snapshot skipped in the history, page by page", async () => {
    const { session, around } = await live();
    const called = session.callTool("t", {}, "c-1");
    await settle();
    around.line.says(ack("c-1", 8));
    around.line.heard.closed(1006);
    session.tryNow();
    around.line.welcomes({ position: { epoch: "e1", offset: 900 }, reason: "limit" });
    await settle();
    const page = (id: unknown, events: object[], more: boolean) => {
      around.line.says({ type: "history_page", session_id: "s-1", id: id as string, events: events as never, more });
    };
    expect(around.line.sent).toMatchObject([{ type: "history", limit: 200 }]);
    page(around.line.sent[0]?.id, [event(700, "state_changed")], true);
    await settle();
    expect(around.line.sent[1]).toMatchObject({ type: "history", before: 700 });
    page(around.line.sent[1]?.id, [result(9, false, "found")], true);
    expect(await called).toEqual({ error: "found" });
    await settle();
    expect(around.line.sent.length).toBe(2);
  });
});

describe("other wishes", () => {
  it("history is asked again on a new line, and comes as a view", async () => {
    const { session, around, heard } = await live();
    const asked = session.history(5, 2);
    await settle();
    around.line.heard.closed(1006);
    session.tryNow();
    around.line.welcomes(recovered(7));
    const [question] = around.line.sent;
    expect(question).toMatchObject({ type: "history", before: 5, limit: 2 });
    around.line.says({
      type: "history_page",
      session_id: "s-1",
      id: question?.id ?? null,
      events: [event(4, "x")],
      more: false,
    });
    expect(await asked).toMatchObject({ events: [{ offset: 4 }], more: false });
    expect(heard.some((output) => output.out === "deliver")).toBe(false);
    expect(session.snapshot().position?.offset).toBe(7);
  });

  it("a question without an id is refused here, one that the server refuses rejects", async () => {
    const { session, around } = await live();
    expect(await failure(session.ask({ type: "history" }))).toBeInstanceOf(MachineError);
    const asked = failure(session.ask({ type: "get_session_state", requestId: 7 }));
    await settle();
    around.line.says({ ...refusal("7", "invalid") });
    expect(await asked).toBeInstanceOf(CommandRefused);
  });

  it("seen and device state go out while there is a line, and are lost without", async () => {
    const { session, around } = await live();
    session.seen();
    session.seen(false);
    session.keepDeviceState({ open_step: 1 });
    around.line.heard.closed(1006);
    session.seen();
    expect(around.lines[0]?.sent).toEqual([
      { type: "seen", position: { epoch: "e1", offset: 7 }, visible: true },
      { type: "seen", position: { epoch: "e1", offset: 7 }, visible: false },
      { type: "device_state", patch: { open_step: 1 } },
    ]);
  });
});

describe("what is shown", () => {
  it("is the same object until something changes, and is told once for each input", async () => {
    const { session, around } = await live();
    const shown: object[] = [];
    const end = session.subscribe(() => shown.push(session.snapshot()));
    const before = session.snapshot();
    around.line.says({ type: "pong", session_id: "s-1" });
    expect([session.snapshot(), shown]).toEqual([before, []]);
    expect(session.snapshot()).toBe(before);
    around.line.says(event(8, "user_message", { text: "hi", turn_id: "t-1", patch: { title: "Books" } }));
    expect(shown).toEqual([session.snapshot()]);
    expect(before).toMatchObject({ position: { offset: 7 }, state: { title: "Shoes" } });
    end();
    around.line.says(event(9, "turn_ended", { turn_id: "t-1", outcome: "completed" }));
    expect(shown.length).toBe(1);
  });

  it("has the draft of the running turn until its message comes", async () => {
    const { session, around, heard } = await live();
    around.line.says({ type: "agent_delta", session_id: "s-1", turn_id: "t-1", index: 0, text: "Let " });
    around.line.says({ type: "agent_delta", session_id: "s-1", turn_id: "t-1", index: 1, text: "me" });
    expect(session.snapshot().draft).toEqual({ turn_id: "t-1", text: "Let me" });
    around.line.says(event(8, "agent_message", { turn_id: "t-1", text: "Let me look." }));
    expect(session.snapshot().draft).toBeUndefined();
    expect(heard.map((output) => output.out)).toEqual("banner attached snapshot banner delta delta deliver".split(" "));
  });

  it("listeners end when they are told to, and may call the session from within", async () => {
    const { session, around } = await live();
    const offsets: number[] = [];
    const end = session.listen((output) => {
      if (output.out !== "deliver") return;
      offsets.push(output.position.offset);
      session.seen();
      if (offsets.length === 2) end();
    });
    for (const offset of [8, 9, 10]) around.line.says(event(offset, "state_changed"));
    expect(offsets).toEqual([8, 9]);
    expect(around.line.sent.map((frame) => frame.position)).toEqual([
      { epoch: "e1", offset: 7 },
      { epoch: "e1", offset: 8 },
    ]);
  });
});

it("a place that cannot be saved is a warning, and no more", async () => {
  const storage = new MemoryStorage();
  storage.save = () => Promise.reject(new Error("full"));
  const { session, around } = await live(storage);
  await session.close();
  expect(around.warnings).toEqual([expect.stringContaining("not saved")]);
});

describe("another life of the same conversation", () => {
  /** Storage that is handed what another tab left. */
  class SharedStorage extends MemoryStorage {
    adopt: (commands: readonly Command[]) => void = () => undefined;

    override load(fresh: Fresh, adopt: (commands: readonly Command[]) => void = () => undefined) {
      this.adopt = adopt;
      return super.load(fresh);
    }
  }

  it("leaves its commands, which are shown and sent after the own ones, each once", async () => {
    const storage = new SharedStorage();
    const { session, around } = await live(storage);
    session.say("mine", "m1").catch(() => undefined);
    await settle();
    const left = ["a", "b"].map((id) => ({ type: "user_message", id, text: id }));
    storage.adopt(left);
    storage.adopt(left);
    expect(session.snapshot().pending.map(({ id }) => id)).toEqual(["m1", "a", "b"]);
    expect(around.line.sent.map(({ id }) => id)).toEqual(["m1", "a", "b"]);
    around.line.says(ack("a", 7));
    expect(session.snapshot().pending.map(({ id }) => id)).toEqual(["m1", "b"]);
    await session.close();
    storage.adopt([{ type: "user_message", id: "c", text: "c" }]);
    expect(session.snapshot().pending.map(({ id }) => id)).toEqual(["m1", "b"]);
  });

  it("leaves them also while there is no connection, and before there ever was one", async () => {
    const storage = new SharedStorage();
    const { session, around } = await begun(storage);
    storage.adopt([{ type: "user_message", id: "a", text: "a" }]);
    expect(session.snapshot().pending.map(({ id }) => id)).toEqual(["a"]);
    around.line.welcomes();
    expect(around.line.sent.map(({ id }) => id)).toEqual(["a"]);
  });
});

it("knows that there is no network when it was told before it began", async () => {
  const around = new Surroundings();
  const session = new Session(around);
  session.networkChanged(false);
  session.connect().catch(() => undefined);
  await settle();
  around.line.heard.closed(1006);
  expect(session.snapshot().status).toBe("offline");
  around.passTime();
  expect(around.lines.length).toBe(1);
});

it("tells frames that may be lost, and loses them without a connection", async () => {
  const { session, around } = await live();
  session.tell({ type: "device_state", patch: { draft: "five p" } });
  around.line.heard.closed(1006);
  session.tell({ type: "device_state", patch: { draft: "lost" } });
  expect(around.line.sent).toEqual([{ type: "device_state", patch: { draft: "five p" } }]);
});
