import { describe, expect, it } from "vitest";
import { Broken, Exchange, questionId, SignedOut } from "../src/exchange.js";
import { readWelcome } from "../src/frames.js";
import { Hole } from "../src/replica.js";
import { event, recovered, WELCOME } from "./support/surroundings.js";

const HERE = { epoch: "e1", offset: 7 };
const WINDOW = { min_ms: 500, max_ms: 20_000 };
const message = (id: string, text = "x") => ({ type: "user_message", id, text });
const refusal = (code: string, temporary: boolean, retry_after_ms?: number) => ({
  ...{ type: "error" as const, code, message: "No.", temporary },
  ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
});

/** One that was welcomed at position 7, with commands that went out. */
function live(...commands: string[]): Exchange {
  const exchange = new Exchange("s-1");
  exchange.welcome(readWelcome(WELCOME), undefined);
  for (const id of commands) exchange.outbox.add(message(id));
  exchange.flush();
  return exchange;
}

it("questions are known by their id, or by their requestId, as text", () => {
  expect(
    [{ id: "h" }, { requestId: 7 }, { id: "h", requestId: 7 }, { id: null, requestId: 7 }, {}].map(questionId),
  ).toEqual(["h", "7", "h", undefined, undefined]);
});

describe("a welcome", () => {
  it("of another session, without a state, or at a place that was not named, is no answer", () => {
    const exchange = live();
    const welcome = (changes: object) => () => exchange.welcome(readWelcome({ ...WELCOME, ...changes }), HERE);
    expect(welcome({ session_id: "s-2" })).toThrow("wrong_session");
    expect(welcome({ session_id: null })).toThrow(Broken);
    expect(welcome({ state: null })).toThrow("no_state");
    expect(exchange.replica.position).toEqual(HERE);
    expect(welcome(recovered(6))).toThrow("wrong_position");
    expect(exchange.replica.position).toBeUndefined();
  });

  it("sends the undecided and the unanswered again, and then says how much was missed", () => {
    const exchange = live("m-1", "m-2");
    exchange.questions.set("h", { type: "history", id: "h" });
    const outputs = exchange.welcome(readWelcome({ ...WELCOME, ...recovered(7) }), HERE);
    expect(outputs.map((output) => (output.out === "send" ? output.frame.id : output.out))).toEqual(
      "attached m-1 m-2 h recovered".split(" "),
    );
  });
});

describe("the limit of frames", () => {
  it("is counted in bytes, and fails what is over it", () => {
    const exchange = new Exchange("s-1");
    exchange.welcome(
      readWelcome({ ...WELCOME, limits: { frame: JSON.stringify(message("m", "é")).length + 1 } }),
      undefined,
    );
    exchange.outbox.add(message("m", "é"));
    exchange.outbox.add(message("n", "éé"));
    expect(exchange.flush().map(({ out }) => out)).toEqual(["send", "failed"]);
    expect(exchange.outbox.size).toBe(1);
  });
});

describe("a refusal", () => {
  it("for now holds everything from there on until the time named, the latest one", () => {
    const exchange = live("m-1", "m-2", "m-3");
    expect(exchange.refused(100, refusal("rate_limited", true, 50), "m-2", WINDOW, 1)).toEqual([]);
    exchange.refused(101, refusal("retry_in_order", true), "m-3", WINDOW, 1);
    expect([exchange.holdUntil, exchange.flush()]).toEqual([150, []]);
    exchange.holdUntil = undefined;
    expect(exchange.flush()).toMatchObject([{ frame: { id: "m-2" } }, { frame: { id: "m-3" } }]);
  });

  it("without a time waits longer each time, until something is decided", () => {
    const exchange = live("m-1");
    const waits = [0, 1, 2].map(() => {
      exchange.holdUntil = undefined;
      exchange.refused(0, refusal("unavailable", true), "m-1", WINDOW, 1);
      return exchange.holdUntil;
    });
    expect(waits).toEqual([500, 1_000, 2_000]);
    exchange.take(event(8, "user_message", { id: "m-1" }));
    exchange.outbox.add(message("m-2"));
    exchange.holdUntil = undefined;
    exchange.refused(0, refusal("unavailable", true), "m-2", WINDOW, 1);
    expect(exchange.holdUntil).toBe(500);
  });

  it("for want of a credential keeps the command; for good it fails it; of a question it ends it", () => {
    const exchange = live("m-1");
    exchange.questions.set("h", { type: "history", id: "h" });
    expect(() => exchange.refused(0, refusal("expired", false), "m-1", WINDOW, 0)).toThrow(SignedOut);
    expect(exchange.refused(0, refusal("invalid", false), "h", WINDOW, 0)).toMatchObject([{ out: "refused", id: "h" }]);
    expect([exchange.outbox.size, exchange.questions.size]).toEqual([1, 0]);
    expect(exchange.refused(0, refusal("invalid", false), "m-1", WINDOW, 0)).toMatchObject([
      { out: "failed", id: "m-1" },
    ]);
    expect(exchange.outbox.size).toBe(0);
  });
});

describe("a frame", () => {
  it("of another session, or of no type, means nothing", () => {
    const exchange = live("m-1");
    expect(exchange.take({ ...event(8, "x"), session_id: "s-2" })).toEqual([]);
    expect(exchange.take({ ...event(8, "x"), type: 7 })).toEqual([]);
    expect(exchange.replica.position).toEqual(HERE);
  });

  it("with an offset beyond the next is a hole", () => {
    expect(() => live().take(event(9, "x"))).toThrow(Hole);
  });

  it("that decides a command says so once: the event, or the ack", () => {
    const exchange = live("m-1", "m-2");
    const acks = ["m-1", "m-2"].map((id, at) => ({ id, offset: 8 - at, duplicate: at === 1 }));
    expect(exchange.take(event(8, "user_message", { id: "m-1" })).map(({ out }) => out)).toEqual([
      "deliver",
      "settled",
      "save",
    ]);
    expect(exchange.take({ type: "ack", session_id: "s-1", acks })).toEqual([
      { out: "settled", id: "m-2", offset: 7, duplicate: true },
    ]);
  });
});
