import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MachineError } from "../src/errors.js";
import { commandId, Outbox, outboxOf } from "../src/outbox.js";

const message = (id: string, text = "x") => ({ type: "user_message", id, text });

describe("commandId", () => {
  it("is the id, or the id of a tool call", () => {
    expect(commandId(message("m"))).toBe("m");
    expect(commandId({ type: "client_tool_call", client_tool_call: { tool_name: "t", tool_call_id: "c" } })).toBe("c");
  });

  it.each([[{ type: "x" }], [{ type: "x", id: "" }], [{ type: "x", id: 7 }], [{ id: "m", client_tool_call: {} }]])(
    "refuses %j",
    (command) => {
      expect(() => commandId(command)).toThrow(MachineError);
    },
  );
});

describe("Outbox", () => {
  it("knows the same command, and refuses another one under its id", () => {
    const outbox = outboxOf([message("a"), message("a"), message("b")]);
    expect(outbox.size).toBe(2);
    expect(outbox.holds({ text: "x", id: "a", type: "user_message" })).toBe(true);
    expect(outbox.holds(message("c"))).toBe(false);
    expect(() => outbox.holds(message("a", "other"))).toThrow("already used");
    expect(() => outboxOf([message("a"), message("a", "other")])).toThrow(MachineError);
  });

  it("names the oldest that was sent", () => {
    const outbox = outboxOf([message("a"), message("b")]);
    expect(outbox.oldestSent()).toBeUndefined();
    outbox.takeUnsent();
    outbox.decided("a");
    expect(outbox.oldestSent()).toBe("b");
    outbox.rewind();
    expect(outbox.oldestSent()).toBeUndefined();
  });

  it("keeps the order, whatever is decided and sent again: what was sent is the front of the line", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("add" as const) }),
      fc.record({ do: fc.constantFrom("decide" as const, "rewind" as const), at: fc.nat(9) }),
      fc.record({ do: fc.constantFrom("rewind all" as const, "send" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const outbox = new Outbox();
        let line: string[] = [];
        let sent = 0;
        let made = 0;
        for (const one of steps) {
          const id = "at" in one ? line[one.at] : undefined;
          if (one.do === "add") {
            made += 1;
            line.push(`m${made}`);
            outbox.add(message(`m${made}`));
          } else if (one.do === "send") {
            expect(outbox.takeUnsent().map(commandId)).toEqual(line.slice(sent));
            sent = line.length;
          } else if (one.do === "rewind all") {
            outbox.rewind();
            sent = 0;
          } else if (id !== undefined && one.do === "rewind") {
            outbox.rewind(id);
            sent = Math.min(sent, line.indexOf(id));
          } else if (id !== undefined) {
            expect(outbox.decided(id)).toBe(true);
            expect(outbox.decided(id)).toBe(false);
            if (line.indexOf(id) < sent) sent -= 1;
            line = line.filter((other) => other !== id);
          }
          expect(outbox.commands().map(commandId)).toEqual(line);
          expect(outbox.oldestSent()).toBe(sent > 0 ? line[0] : undefined);
        }
      }),
    );
  });
});
