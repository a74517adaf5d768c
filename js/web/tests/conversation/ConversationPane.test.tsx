import { MemoryStorage } from "@shipanion/client";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Room } from "./room.js";

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(cleanup);

const ABOUT = { kind: "buy", carrier: "USPS", service: "Ground Advantage", price: 26.05, eta: "5 days", from: "90210", to: "10001", weight_lbs: 5, is_sample: false }; // prettier-ignore
const asks = async (room: Room, about: object = ABOUT) => {
  const expires_at = Date.now() + 900_000;
  await room.bob("approval_requested", {
    approval_id: "a1", text: "Shall I?", expires_at, data: { ...about },
    patch: { approval: { approval_id: "a1", expires_at, ...about } },
  }); // prettier-ignore
};
const resolved = async (room: Room, decision: string, device: string) => {
  const by = { role: "owner", name: "Ann", device };
  await room.event("approval_resolved", { approval_id: "a1", decision, patch: { approval: null } }, by);
};
const card = (name = "Buy this label?") => within(screen.getByRole("region", { name }));

describe("a question", () => {
  it("shows what it costs and what it is about, and is answered once however often yes is pressed", async () => {
    const room = await Room.open();
    await asks(room);
    expect(card().getByText("$26.05")).toBeDefined();
    expect(card().getByText("USPS Ground Advantage")).toBeDefined();
    const yes = card().getByRole("button", { name: "Yes, buy it for $26.05" });
    await room.does(() => {
      fireEvent.click(yes);
      fireEvent.click(yes);
    });
    expect(room.sent("resolve_approval")).toMatchObject([{ approval_id: "a1", decision: "approved" }]);
    expect(card().getByRole<HTMLButtonElement>("button", { name: "No" }).disabled).toBe(true);
  });

  it("that was answered elsewhere says so", async () => {
    const room = await Room.open();
    await asks(room);
    await resolved(room, "approved", "d-other");
    expect(card().getByText("You said yes on another device.")).toBeDefined();
    expect(card().queryByRole("button")).toBeNull();
  });

  it("of a sample says that nothing is paid", async () => {
    const room = await Room.open();
    await asks(room, { ...ABOUT, is_sample: true });
    expect(card("Make this sample label?").getByText("SAMPLE")).toBeDefined();
    expect(card("Make this sample label?").getByText(/nothing is paid, and/)).toBeDefined();
  });

  it("is answered by a quick reply as well, which is gone then", async () => {
    const room = await Room.open();
    await asks(room);
    const replies = within(screen.getByRole("group", { name: "Quick replies" }));
    await room.does(() => fireEvent.click(replies.getByRole("button", { name: "No" })));
    expect(room.sent("resolve_approval")).toMatchObject([{ decision: "declined" }]);
    expect(replies.queryByRole("button")).toBeNull();
  });
});

describe("an answer of Bob's", () => {
  it("grows in place, can be stopped, and is announced when it is whole", async () => {
    const room = await Room.open();
    await room.event("user_message", { id: "m1", text: "hello", turn_id: "t1" });
    expect(screen.getByText("Bob is working on it")).toBeDefined();
    await room.says({ type: "agent_delta", session_id: "s-1", turn_id: "t1", index: 0, text: "Hello " });
    const row = screen.getByText("Hello").closest("li");
    await room.does(() => fireEvent.click(screen.getByRole("button", { name: "Stop" })));
    expect(room.sent("stop")).toMatchObject([{ turn_id: "t1" }]);
    await room.bob("agent_message", { turn_id: "t1", text: "Hello Ann." });
    await room.bob("turn_ended", { turn_id: "t1", outcome: "completed" });
    expect(screen.getByText("Hello Ann.").closest("li")).toBe(row);
    expect(screen.queryByRole("button", { name: "Stop" })).toBeNull();
    expect(screen.getByRole("status").textContent).toContain("Bob: Hello Ann.");
  });

  it("that was cut off says so", async () => {
    const room = await Room.open();
    await room.event("user_message", { id: "m1", text: "hello", turn_id: "t1" });
    await room.bob("agent_message", { turn_id: "t1", text: "Hel", partial: true });
    await room.bob("turn_ended", { turn_id: "t1", outcome: "interrupted" });
    expect(screen.getByText(/interrupted in the middle/)).toBeDefined();
  });

  it("waits in line behind another one, and can be called off", async () => {
    const room = await Room.open();
    await room.event("user_message", { id: "m1", text: "one", turn_id: "t1" });
    await room.event("user_message", { id: "m2", text: "two", turn_id: "t2" });
    expect(screen.getByText("Next in line")).toBeDefined();
    await room.does(() => fireEvent.click(screen.getByRole("button", { name: "Cancel" })));
    expect(room.sent("stop")).toMatchObject([{ turn_id: "t2" }]);
  });

  it("shows no HTML as HTML", async () => {
    const room = await Room.open();
    await room.bob("agent_message", { turn_id: "t1", text: "<img src=x onerror=alert(1)> javascript:alert(1)" });
    expect(screen.getAllByText(/<img src=x/)).not.toHaveLength(0);
    expect(document.querySelector("[aria-label=Messages] img, [aria-label=Messages] a")).toBeNull();
  });
});

describe("quotes", () => {
  const quotes = [
    { id: "g", carrier: "USPS", service: "Ground", cost: 5, eta: "5 days", transit_days: 5 },
    { id: "e", carrier: "USPS", service: "Express", cost: 9, eta: "1 day", transit_days: 1 },
  ];
  const quoted = async (room: Room) => {
    const patch = { shipping_details: { from: "90210", to: "10001", weight_lbs: 5 }, quotes, quotes_expire_at: Date.now() + 900_000, current_step: 1 }; // prettier-ignore
    await room.bob("client_tool_result", { tool_call_id: "c1", tool_name: "get_shipping_quotes", is_error: false, result: {}, patch }); // prettier-ignore
  };

  it("are chosen from, and a refusal is told in the card", async () => {
    const room = await Room.open();
    await quoted(room);
    await room.does(() => fireEvent.click(screen.getByRole("button", { name: "Choose USPS Express for $9.00" })));
    const [call] = room.sent("client_tool_call").map(({ client_tool_call }) => client_tool_call as { tool_call_id: string }); // prettier-ignore
    expect(call).toMatchObject({ tool_name: "select_quote", parameters: { quote: "e" } });
    const tool_call_id = call?.tool_call_id ?? "";
    await room.event("client_tool_call", { id: tool_call_id, client_tool_call: { tool_name: "select_quote", tool_call_id } }); // prettier-ignore
    await room.bob("client_tool_result", { tool_call_id, tool_name: "select_quote", is_error: true, result: { error: "These quotes have run out." } }); // prettier-ignore
    expect(screen.getByRole("alert").textContent).toBe("These quotes have run out.");
  });

  it("that do not hold any more are a line", async () => {
    const room = await Room.open();
    await quoted(room);
    await room.event("state_changed", { patch: { shipping_details: { weight_lbs: 6 }, quotes: null } });
    expect(screen.queryByRole("button", { name: /Choose/ })).toBeNull();
    expect(screen.getByText("2 services, from $5.00")).toBeDefined();
    expect(screen.getByText("You changed the weight to 6 lb.")).toBeDefined();
  });
});

it("somebody new is greeted, with examples that can be said", async () => {
  const room = await Room.open();
  expect(screen.getByText("Hello. What are we shipping?")).toBeDefined();
  await room.does(() => fireEvent.click(screen.getByRole("button", { name: "5 lb from 90210 to 10001" })));
  expect(room.sent("user_message")).toMatchObject([{ text: "5 lb from 90210 to 10001" }]);
});

it("claims nothing about a label whose call died with the server", async () => {
  const room = await Room.open();
  const call = { tool_name: "create_label", tool_call_id: "t1", parameters: {} };
  await room.bob("client_tool_call", { client_tool_call: call });
  const error = "The server stopped before it could answer this. Ask how it stands.";
  const result = { error, original_request: {} };
  await room.bob("client_tool_result", { tool_call_id: "t1", tool_name: "create_label", is_error: true, result });
  expect(screen.getByText(error)).toBeDefined();
  expect(screen.queryByText(/No label was made/)).toBeNull();
  await room.bob("client_tool_call", { client_tool_call: { ...call, tool_call_id: "t2" } });
  const refused = { error: "These quotes have run out.", original_request: {} };
  await room.bob("client_tool_result", { tool_call_id: "t2", tool_name: "create_label", is_error: true, result: refused }); // prettier-ignore
  expect(screen.getByText(/No label was made/)).toBeDefined();
});

describe("a message", () => {
  const type = async (room: Room, words: string) => {
    const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message to Bob" });
    await room.does(() => fireEvent.change(field, { target: { value: words } }));
    await room.does(() => fireEvent.keyDown(field, { key: "Enter" }));
    expect(field.value).toBe("");
  };

  it("that a reload overtakes on its way to the disk goes out from the next page, as the same command", async () => {
    const slow = new MemoryStorage();
    slow.add = () => new Promise(() => undefined);
    const first = await Room.open(undefined, slow);
    await asks(first);
    await type(first, "yes please");
    expect(first.sent("user_message")).toEqual([]);
    const [given] = first.session.snapshot().pending;
    first.close();

    const next = await Room.open();
    expect(next.sent("user_message")).toEqual([given?.command]);
    expect(given?.command).toMatchObject({ text: "yes please", approval_id: "a1" });
    next.close();
    expect((await Room.open()).sent("user_message")).toEqual([]);
  });

  it("is called kept only when it is", async () => {
    let written = (): void => undefined;
    const slow = new MemoryStorage();
    slow.add = () => new Promise((resolve) => (written = resolve));
    const room = await Room.open(undefined, slow);
    await room.breaks();
    await type(room, "hello");
    expect(screen.getByText("Keeping it here…")).toBeDefined();
    await room.does(() => {
      written();
    });
    expect(screen.getByText("Kept here, goes out when you are back")).toBeDefined();
  });

  it("that failed is still there after a reload, until it is dealt with", async () => {
    const full = new MemoryStorage();
    full.add = () => Promise.reject(new Error("full"));
    const first = await Room.open(undefined, full);
    await type(first, "precious words");
    expect(screen.getByText(/^Not sent/)).toBeDefined();
    first.close();

    const next = await Room.open();
    expect(screen.getByText("precious words")).toBeDefined();
    expect(screen.getByText(/^Not sent/).textContent).toContain("full");
    await next.does(() => fireEvent.click(screen.getByRole("button", { name: "Try again" })));
    expect(next.sent("user_message")).toMatchObject([{ text: "precious words" }]);
    expect(screen.queryByText(/^Not sent/)).toBeNull();
    next.close();
    await Room.open();
    expect(screen.queryByText("precious words")).toBeNull();
  });
});
