import { afterEach, expect, it } from "vitest";
import { address, WebSocketTransport } from "../../src/browser/webSocketTransport.js";

/** A browser's socket, as far as it is used; a test is its server. */
class TestSocket {
  static readonly OPEN = 1;
  static all: TestSocket[] = [];
  static fails = false;
  readyState = 0;
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onclose: ((event: { code: number }) => void) | undefined;
  onerror: (() => void) | undefined;
  readonly sent: string[] = [];
  closed: unknown[] | undefined;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    if (TestSocket.fails) throw new DOMException("no", "SecurityError");
    TestSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(...how: unknown[]): void {
    this.closed = how;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
}

const real = globalThis.WebSocket;
afterEach(() => {
  globalThis.WebSocket = real;
  TestSocket.fails = false;
});

function line(fails = false) {
  globalThis.WebSocket = TestSocket as unknown as typeof WebSocket;
  TestSocket.all = [];
  TestSocket.fails = fails;
  const heard: string[] = [];
  const tapped: string[] = [];
  const transport = new WebSocketTransport(() => "https://ship.example/some/page?x=1", {
    opening: () => tapped.push("opening"),
    heard: (text) => tapped.push(text),
  });
  const opened = transport.open(
    { session_id: "s 1", offset: 7 },
    {
      opened: () => heard.push("opened"),
      received: (text) => heard.push(text),
      closed: (code) => heard.push(`closed ${code}`),
    },
  );
  return { transport, line: opened, heard, tapped, socket: TestSocket.all[0] as TestSocket };
}

it("asks for /ws on the same server, with the fields and the subprotocol, and brings frames both ways", () => {
  const { socket, heard, tapped, line: opened } = line();
  expect(socket.url).toBe("wss://ship.example/ws?session_id=s+1&offset=7");
  expect(socket.protocol).toBe("shipanion.v1");
  opened.send("too early");
  socket.open();
  opened.send("a");
  socket.onmessage?.({ data: "b" });
  socket.onclose?.({ code: 4000 });
  expect(socket.sent).toEqual(["a"]);
  expect(heard).toEqual(["opened", "b", "closed 4000"]);
  expect(tapped).toEqual(["opening", "b"]);
});

it.each([
  ["http://h:8000", "ws://h:8000/ws"],
  ["ws://h/ws", "ws://h/ws"],
  ["wss://h/other", "wss://h/ws"],
])("understands %s", (url, expected) => {
  expect(address(url, {})).toBe(expected);
});

it("tells once that a line could not be opened, whether that is an error, a close, or both", () => {
  for (const events of [["onerror"], ["onclose"], ["onerror", "onclose"]] as const) {
    const { socket, heard } = line();
    for (const name of events) socket[name]?.({ code: 1006 });
    expect(heard).toEqual(["closed 1006"]);
  }
  const { socket, heard } = line();
  socket.open();
  socket.onerror?.();
  expect(heard).toEqual(["opened"]);
  socket.onclose?.({ code: 1011 });
  expect(heard).toEqual(["opened", "closed 1011"]);
});

it("tells later that a line cannot even be tried", async () => {
  const { heard } = line(true);
  expect(heard).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual(["closed 1006"]);
});

it("leaves a server that sends what is not text", () => {
  const { socket, heard } = line();
  socket.open();
  socket.onmessage?.({ data: new ArrayBuffer(1) });
  socket.onmessage?.({ data: "more" });
  socket.onclose?.({ code: 1000 });
  expect(heard).toEqual(["opened", "closed 1006"]);
  expect(socket.closed).toEqual([4000, "binary"]);
});

it("is silent after it was closed here, and gives all lines up when the page goes to sleep", () => {
  const one = line();
  one.line.close(1000, "done");
  one.socket.open();
  one.socket.onmessage?.({ data: "late" });
  one.transport.drop();
  one.socket.onclose?.({ code: 1000 });
  expect(one.heard).toEqual([]);
  const other = line();
  other.socket.open();
  other.transport.drop();
  other.transport.drop();
  expect(other.heard).toEqual(["opened", "closed 1006"]);
  expect(other.socket.closed).toEqual([4000, "asleep"]);
});
